import * as t from 'io-ts'

/** Where a conversation lives: which channel, which account of ours there, which user. */
export const Address = t.strict({ channel: t.string, account: t.string, user: t.string }, 'Address')
export interface Address extends t.TypeOf<typeof Address> {}
