import { accessSync, constants, mkdirSync } from 'node:fs'
import { failureOf } from '../../lib/index.ts'
import type { Problem, Settings } from './settings.ts'

// Exit code of a program that was told nonsense (EX_CONFIG of sysexits.h).
export const EXIT_CONFIG = 78

/** Why a start failed, in words for the person who set it up. */
export interface StartProblem extends Problem {
  readonly exitCode: number
}

/** Makes sure of the data directory, in which everything is kept; null when it can be used. */
export function dataDirProblem({ dataDir }: Pick<Settings, 'dataDir'>): StartProblem | null {
  try {
    mkdirSync(dataDir, { recursive: true })
    accessSync(dataDir, constants.R_OK | constants.W_OK)
    return null
  } catch (error) {
    return {
      setting: 'DATA_DIR',
      problem: `${dataDir} cannot be used (${codeOf(error)})`,
      hint: 'use a directory that this user may write to',
      exitCode: EXIT_CONFIG
    }
  }
}

/** The setting behind an error of the start; null when it is behind none. */
export function startProblem(error: unknown, settings: Settings): StartProblem | null {
  const { host, port, redis } = settings
  const failed = failureOf(error)
  if (failed?.code === 'CHP_STORE_UNAVAILABLE' && redis !== null) {
    const hint = 'start that server, or unset it for the embedded store'
    return { setting: redis.setting, problem: withoutStop(failed.detail), hint, exitCode: 1 }
  }
  if (failed?.code === 'CHP_STORE_DENIED' && redis !== null) {
    const problem = withoutStop(failed.detail)
    const hint = 'mend the user, the password or its permissions'
    return { setting: redis.setting, problem, hint, exitCode: EXIT_CONFIG }
  }
  if (failed?.code === 'CHP_POLICY_INVALID') {
    const hint = 'mend each named line, or unset it for the default policy'
    return {
      setting: 'SUPERVISION_POLICY',
      problem: withoutStop(failed.detail),
      hint,
      exitCode: EXIT_CONFIG
    }
  }
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return {
        setting: 'PORT',
        problem: `${port} is in use`,
        hint: 'end the other server, or use another port; 0 picks a free one',
        exitCode: 1
      }
    case 'EACCES':
      return {
        setting: 'PORT',
        problem: `${port} is not for this user`,
        hint: 'use one above 1023',
        exitCode: EXIT_CONFIG
      }
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return {
        setting: 'HOST',
        problem: `${host} is no address of this machine`,
        hint: 'use 127.0.0.1, or 0.0.0.0 for all of its addresses',
        exitCode: EXIT_CONFIG
      }
    default:
      return null
  }
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '')
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}
