import assert from 'node:assert/strict'
import { aService } from '../../service/a-service.ts'
import { MemberTalk } from '../member-talk.ts'

const NEW = '15550009009'

async function atLastName(): Promise<MemberTalk> {
  const talk = new MemberTalk(await aService(), NEW)
  await talk.types('Hi')
  await talk.taps('join')
  await talk.types('  Tariro ')
  return talk
}

describe('the registration', () => {
  it('makes a member from two names, greets them and shows their dashboard', async () => {
    const talk = await atLastName()
    assert.deepEqual(talk.data, { firstName: 'Tariro' })

    const said = await talk.types('Sibanda')

    assert.equal(said.length, 2)
    assert.match(said[0] ?? '', /welcome.*account.*ready/i)
    assert.match(said[1] ?? '', /Tariro[\s\S]*balance[\s\S]*100\.00 USD/i)
    assert.equal(talk.place, 'menu.dashboard')
    assert.deepEqual(talk.data, {})
    assert.equal(talk.identity.tier, 1)
    assert.equal(talk.effects['membersCreated'], 1)
  })

  it('begins with the button and with nothing else', async () => {
    const talk = new MemberTalk(await aService(), NEW)
    await talk.types('Hi')

    const [said] = await talk.types('join me please')

    assert.match(said ?? '', /use.*button/i)
    assert.deepEqual(talk.offered, ['join'])
    assert.deepEqual([talk.place, talk.attempts], ['registration.welcome', 1])
  })

  it('wants names of 3 to 50 characters, counted as people count them', async () => {
    const talk = new MemberTalk(await aService(), NEW)
    await talk.types('Hi')
    await talk.taps('join')

    for (const name of ['Al', 'x'.repeat(51), 'Ta\nriro', '🙂🙂']) {
      const [said] = await talk.types(name)
      assert.match(said ?? '', /3.*50/, name)
    }
    assert.match((await talk.sends('image')).join(), /text/)
    assert.equal(talk.attempts, 5)
    await talk.types('Zoë')

    assert.deepEqual([talk.place, talk.attempts], ['registration.lastName', 0])
    assert.equal(talk.data['firstName'], 'Zoë')
  })

  it('stays at the last name when the ledger is out of reach', async () => {
    const talk = await atLastName()
    await talk.meets({ endpoint: 'registerMember', kind: 'http503', times: 3 })

    const said = await talk.types('Sibanda')

    assert.equal(said.length, 1)
    assert.match(said[0] ?? '', /try again/)
    assert.deepEqual([talk.place, talk.attempts], ['registration.lastName', 0])
    assert.deepEqual(talk.data, { firstName: 'Tariro' })
    await talk.types('Sibanda')
    assert.equal(talk.place, 'menu.dashboard')
  })

  it('finds the account again that was made when every answer was lost', async () => {
    const talk = await atLastName()
    await talk.meets({ endpoint: 'registerMember', kind: 'timeoutAfterCommit', times: 3 })
    await talk.types('Sibanda')

    const said = await talk.types('Sibanda')

    assert.match(said[0] ?? '', /account is ready/)
    assert.equal(talk.place, 'menu.dashboard')
    assert.equal(talk.effects['membersCreated'], 1)
  })

  it('asks for the names again when the ledger does not take them', async () => {
    const talk = await atLastName()
    await talk.meets({ endpoint: 'registerMember', kind: 'business', code: 'VALIDATION' })

    const said = await talk.types('Sibanda')

    assert.match(said[0] ?? '', /3.*50/)
    assert.equal(talk.place, 'registration.firstName')
  })
})
