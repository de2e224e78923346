import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import type { FailureCode } from '../../lib/kernel/failure.ts'
import type { RedisServer } from './redis-server.ts'
import type { TcpProxy } from './tcp-proxy.ts'

/** A server, the proxy through which the store reaches it, and two connections around that. */
export interface TroubledServer {
  readonly server: RedisServer
  readonly proxy: TcpProxy
  readonly admin: Redis
  readonly other: Redis
}

/** One way in which a server refuses a commit for certain. */
export interface Trouble {
  readonly code: FailureCode
  /** Part of the failure's detail, where the error reaches the caller as it is. */
  readonly quotes?: RegExp
  /** Makes the trouble; what it gives ends it. */
  readonly make: (bench: TroubledServer) => Promise<() => Promise<unknown>>
}

const refused = 'CHP_STORE_REFUSED'
const denied = 'CHP_STORE_DENIED'

/** The rows of the error table that a real server can be brought to, by their first word. */
export const TROUBLES: Readonly<Record<string, Trouble>> = {
  BUSY: {
    code: refused,
    quotes: /BUSY/,
    make: async ({ admin, other }) => {
      const spinning = other.eval('while true do end', 0).catch(() => undefined)
      await pause(60)
      return async () => {
        await admin.script('KILL')
        await spinning
      }
    }
  },
  LOADING: {
    code: refused,
    quotes: /LOADING/,
    make: async ({ admin, other }) => {
      for (let at = 0; at < 400; at += 1) await admin.set(`filler:${at}`, 'x'.repeat(100))
      await admin.config('SET', 'key-load-delay', '2000')
      const loaded = other.call('DEBUG', 'RELOAD')
      while (!(await admin.info('persistence')).includes('loading:1')) await pause(5)
      return async () => {
        await loaded
        await admin.config('SET', 'key-load-delay', '0')
      }
    }
  },
  OOM: setting('maxmemory', '1', '0', /OOM/),
  NOREPLICAS: setting('min-replicas-to-write', '1', '0', /NOREPLICAS/),
  MISCONF: {
    code: refused,
    quotes: /MISCONF/,
    make: async ({ admin, server }) => {
      const dump = join(server.directory, 'dump.rdb')
      rmSync(dump, { force: true })
      mkdirSync(join(dump, 'taken'), { recursive: true })
      await admin.bgsave()
      while (!(await admin.info('persistence')).includes('bgsave_status:err')) await pause(20)
      return async () => {
        rmSync(dump, { recursive: true })
        await admin.bgsave()
      }
    }
  },
  READONLY: {
    code: refused,
    quotes: /READONLY/,
    make: async ({ admin }) => {
      await admin.replicaof('127.0.0.1', 1)
      return () => admin.replicaof('NO', 'ONE')
    }
  },
  MASTERDOWN: {
    code: refused,
    make: async ({ admin }) => {
      await admin.config('SET', 'replica-serve-stale-data', 'no')
      await admin.replicaof('127.0.0.1', 1)
      return async () => {
        await admin.replicaof('NO', 'ONE')
        await admin.config('SET', 'replica-serve-stale-data', 'yes')
      }
    }
  },
  'max clients': {
    code: refused,
    make: async ({ admin }) => {
      await admin.config('SET', 'maxclients', '2')
      await cutOff(admin)
      return () => admin.config('SET', 'maxclients', '100')
    }
  },
  NOPERM: rules(['-evalsha', '-eval'], ['+evalsha', '+eval'], /NOPERM/),
  'NOPERM within a script': rules(['-hmget'], ['+hmget'], /can't run this command/),
  WRONGPASS: {
    code: denied,
    quotes: /WRONGPASS/,
    make: async ({ admin }) => {
      await admin.call('ACL', 'SETUSER', 'bot', 'resetpass', '>other')
      await cutOff(admin)
      return () => admin.call('ACL', 'SETUSER', 'bot', 'resetpass', '>b')
    }
  },
  'unknown command': {
    code: denied,
    // Its arguments hold what members wrote.
    quotes: /^Redis: ERR unknown command\.$/,
    make: async ({ admin, proxy }) => {
      await admin.replicaof('127.0.0.1', 1)
      proxy.instead = "-ERR unknown command 'EVALSHA', with args beginning with: 'secret'\r\n"
      return () => admin.replicaof('NO', 'ONE')
    }
  }
}

function setting(name: string, wrong: string, right: string, quotes: RegExp): Trouble {
  return {
    code: refused,
    quotes,
    make: async ({ admin }) => {
      await admin.config('SET', name, wrong)
      return () => admin.config('SET', name, right)
    }
  }
}

function rules(wrong: readonly string[], right: readonly string[], quotes: RegExp): Trouble {
  return {
    code: denied,
    quotes,
    make: async ({ admin }) => {
      await admin.call('ACL', 'SETUSER', 'bot', ...wrong)
      return () => admin.call('ACL', 'SETUSER', 'bot', ...right)
    }
  }
}

/** Ends the connections of stores, and gives them time to come again. */
async function cutOff(admin: Redis): Promise<void> {
  for (const line of String(await admin.client('LIST')).split('\n')) {
    const [, id] = /^id=(\d+) .*name=chaperone /.exec(line) ?? []
    if (id !== undefined) await admin.client('KILL', 'ID', id)
  }
  await pause(300)
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
