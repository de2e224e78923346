/** The words of a command were not understood. */
export class Usage extends Error {}

/** What the words name cannot be used; one line says why. */
export class Misfit extends Error {}

export const USAGE = `chaperone check BOT [--previous OUTLINE]
chaperone graph BOT
chaperone outline BOT

  BOT                a module that exports the bot, as "bot" or by default
  --previous FILE    the outline of the build before: names what conversations that
                     are under way would miss in this one

check says a line for everything that is wrong with the bot. Ends with 0 when nothing
is, with 1 when something is, with 2 when there is no such bot or outline. graph prints
the flows as Mermaid text, outline what --previous takes.

chaperone migrate BOT (--lmdb PATH | --redis URL) [options]

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

chaperone policy check FILE [--bot BOT]
chaperone policy explain [FILE] [--failure TAG|CODE] [--stage S] [--flow F] [--step S]
                         [--attempt N] [--resets N] [--bot BOT]

  FILE               a supervision policy; explain takes the default one without it
  --bot BOT          holds the places that resets lead to against the flows of a bot
  --failure          what failed: Defect (the default), or a code of docs/failures.md
  --attempt N        the run of the event that failed; default 1
  --resets N         resets of the conversation within the policy's time; default 0

Check ends with 0 for a sound policy; with 1, naming every wrong line, for another.
Explain says which rule applies, what is done, after which pause, and why.
`
