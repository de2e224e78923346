const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })

/** The element of one bubble. `choose(reply, option)` runs when an option is tapped. */
export function bubbleElement(bubble, choose) {
  const element = make('article', 'bubble')
  element.dataset.role = bubble.role
  element.dataset.time = clock.format(bubble.atMs)
  if (bubble.role === 'message') element.append(paragraph('said', bubble.text))
  else element.append(...partsOf(bubble.reply, option => choose(bubble, option)))
  return element
}

/** Brings an element up to date: whether its message is taken, whether its options are open. */
export function updateBubble(element, bubble, isOpen) {
  if (bubble.role === 'message') {
    element.dataset.state = bubble.isTaken ? 'taken' : 'pending'
    return
  }
  for (const button of element.querySelectorAll('button')) {
    button.disabled = !isOpen
    button.classList.toggle('chosen', button.value === bubble.chosen)
  }
}

function partsOf(reply, choose) {
  switch (reply.kind) {
    case 'buttons':
      return framed(reply, [group(reply, reply.text, reply.options, choose)])
    case 'list':
      return framed(
        reply,
        reply.sections.map(({ title, options }) =>
          group(reply, title || reply.button, options, choose)
        )
      )
    case 'media':
      return [link(reply), ...(reply.caption ? [paragraph('said', reply.caption)] : [])]
    default:
      return [paragraph('said', reply.text ?? '')]
  }
}

function framed({ kind, header, text, footer, sections }, groups) {
  const isTitled = kind === 'list' && sections.some(({ title }) => title !== '')
  for (const [index, element] of groups.entries())
    if (isTitled) element.prepend(paragraph('section', sections[index].title))
  return [
    ...(header ? [paragraph('header', header)] : []),
    paragraph('said', text),
    ...(footer ? [paragraph('footer', footer)] : []),
    ...groups
  ]
}

function group({ kind }, label, options, choose) {
  const element = make('div', `options ${kind}`)
  element.setAttribute('role', 'group')
  element.setAttribute('aria-label', label)
  for (const option of options) {
    const button = make('button', 'option')
    button.type = 'button'
    button.value = option.id
    button.append(span('label', option.label))
    if (option.description) button.append(span('description', option.description))
    button.addEventListener('click', () => choose(option))
    element.append(button)
  }
  return element
}

function link({ media, link: address }) {
  const element = make('a', 'media')
  // Never a script: only what the web is made of.
  if (/^https?:/i.test(address)) element.href = address
  element.target = '_blank'
  element.rel = 'noopener noreferrer'
  element.textContent = `Open the ${media}`
  return element
}

function paragraph(name, text) {
  const element = make('p', name)
  element.dir = 'auto'
  element.textContent = text
  return element
}

function span(name, text) {
  const element = make('span', name)
  element.dir = 'auto'
  element.textContent = text
  return element
}

function make(tag, name) {
  const element = document.createElement(tag)
  element.className = name
  return element
}
