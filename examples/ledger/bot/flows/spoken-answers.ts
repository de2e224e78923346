/** Typed words of the other languages that answer a confirmation; `no` is one in both. */
export const spokenAnswers = { confirm: ['sí', 'si'], cancel: [] } as const
