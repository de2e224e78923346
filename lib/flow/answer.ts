import * as E from 'fp-ts/lib/Either.js'
import type { Text } from './text.ts'

/** Takes a member's input as this value. */
export const accept = <A>(value: A): E.Either<never, A> => E.right(value)

/** Refuses a member's input: the step stays, the attempt counts, the text is said. */
export const reject = (text: Text): E.Either<Text, never> => E.left(text)
