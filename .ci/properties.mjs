// Every property of a run that names no seed of its own draws from this one, so that a failed file
// meets the same again when it runs once more.
import fc from 'fast-check'

const seed = Number(process.env.PROPERTY_SEED)
if (!Number.isSafeInteger(seed)) throw new Error('PROPERTY_SEED is no whole number')
fc.configureGlobal({ seed })
