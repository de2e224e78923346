import { type Component, type Words, wordsOf } from '../component.ts'
import { chooseComponent } from './choose.ts'

type Offer = Parameters<typeof chooseComponent.enter>[0] & { readonly prompt: Words }

/**
 * Offers to go on with a dialogue that a session's end cut off, and asks again after any other
 * answer. Bots have one by themselves when a flow declares `resume`; authors write none.
 */
export const offerComponent: Component<Offer> = {
  ...chooseComponent,
  may: new Set(['goto', 'resume']),
  receive: (spec, said, view) => {
    const receipt = chooseComponent.receive?.(spec, said, view)
    if (receipt?.tag === 'accepted') return receipt
    return { tag: 'refused', text: wordsOf(spec.prompt, view), unreadable: false }
  }
}
