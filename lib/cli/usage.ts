/** The words of a command were not understood. */
export class Usage extends Error {}

export const USAGE = `chaperone migrate BOT (--lmdb PATH | --redis URL) [options]

  BOT                a module that exports the bot, as "bot" or by default; it may
                     export "keys", the key ring, and "store" in place of a flag
  --to N             the schema to bring records to; default the bot's own
  --dry-run          try every step, write nothing
  --verify           only count records by schema
  --namespace NAME   as the bot's store has it
  --batch N          conversations asked for at a time; default 100
  --per-second N     conversations looked at in a second, at most; default 500

Says a JSON line after every batch and one at the end. Ends with 0 when every record
has the schema, with 1 when some are left, with 2 when it was not understood.
Stopped or killed, it is simply run again.
`
