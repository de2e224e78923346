import type { Component } from '../component.ts'
import { askComponent } from './ask.ts'
import { branchComponent } from './branch.ts'
import { callComponent } from './call.ts'
import { chooseComponent } from './choose.ts'
import { confirmComponent } from './confirm.ts'
import { endComponent } from './end.ts'
import { enterComponent } from './enter.ts'
import { gotoComponent } from './goto.ts'
import { handoverComponent } from './handover.ts'
import { offerComponent } from './offer.ts'
import { restComponent } from './rest.ts'
import { sayComponent } from './say.ts'

/** Every kind of step there is. A new kind is one file here and one word below. */
export const components: Readonly<Record<string, Component>> = {
  ask: askComponent,
  branch: branchComponent,
  call: callComponent,
  choose: chooseComponent,
  confirm: confirmComponent,
  end: endComponent,
  enter: enterComponent,
  goto: gotoComponent,
  handover: handoverComponent,
  offer: offerComponent,
  rest: restComponent,
  say: sayComponent
}
