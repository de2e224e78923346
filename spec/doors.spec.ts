import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

/** Every name behind every door; whoever adds or takes one away says so here. */
const DOORS = {
  index: [
    'Activity',
    'Address',
    'At',
    'AuditNote',
    'Bot',
    'BotOutline',
    'BotSpec',
    'Call',
    'CallAnswer',
    'CallContext',
    'CallDefinition',
    'CallFailed',
    'CallFailure',
    'CallIntent',
    'CallSpec',
    'Cancel',
    'Channel',
    'ChannelHost',
    'ChaperoneError',
    'Clock',
    'Command',
    'Commit',
    'CommitOutcome',
    'Content',
    'ConversationHandle',
    'ConversationRecord',
    'ConversationStore',
    'Core',
    'CoreAct',
    'CoreHands',
    'CoreView',
    'Decide',
    'Decision',
    'DeferOutcome',
    'Deferral',
    'End',
    'Exported',
    'FAILURES',
    'Failure',
    'FailureCode',
    'FailureTag',
    'Fence',
    'Finding',
    'FindingKind',
    'Flow',
    'FlowFrame',
    'FlowHead',
    'Full',
    'Goto',
    'Hands',
    'Heard',
    'HeardStatus',
    'HistoryRow',
    'InboxRow',
    'Inspection',
    'Invariant',
    'KeyRing',
    'Limits',
    'ListName',
    'Listener',
    'Listing',
    'Loaded',
    'Log',
    'Message',
    'Migration',
    'MigrationState',
    'Millis',
    'Opened',
    'Option',
    'Outgoing',
    'OutsideEvent',
    'Policy',
    'Program',
    'Random',
    'Receipt',
    'Recoverable',
    'Relogin',
    'Reply',
    'ReplyOption',
    'ReplySection',
    'Rewrite',
    'RungNote',
    'Runtime',
    'RuntimeEvents',
    'RuntimeOptions',
    'Say',
    'Secret',
    'Sent',
    'SetAsideNote',
    'Step',
    'StoreSecrets',
    'StoreStats',
    'StoredCall',
    'Text',
    'TurnEvent',
    'TurnTrace',
    'UndeliveredRow',
    'View',
    'accept',
    'ask',
    'attempt',
    'back',
    'branch',
    'call',
    'checkBot',
    'choose',
    'confirm',
    'coreOf',
    'createRuntime',
    'defaultPolicy',
    'defineBot',
    'defineCall',
    'defineFlow',
    'end',
    'enter',
    'failureOf',
    'flowGraph',
    'goto',
    'keyRing',
    'outlineOf',
    'policyFile',
    'policyFrom',
    'refuse',
    'reject',
    'rest',
    'say',
    'tell',
    'text'
  ],
  lmdb: ['LmdbStoreOptions', 'backUpLmdb', 'lmdbStore'],
  ops: [
    'AsideOptions',
    'ConversationExport',
    'Erased',
    'HistoryLine',
    'HistoryPage',
    'HistoryRange',
    'ListPage',
    'MigrateFailure',
    'MigrateGiven',
    'MigrateOptions',
    'MigrateProgress',
    'MigrateReport',
    'OpenOperator',
    'Operator',
    'PastRecord',
    'Readable',
    'Refusal',
    'ResealOptions',
    'ResealReport',
    'RollbackOutcome',
    'RollbackRequest',
    'VersionDiff',
    'VersionView',
    'Who',
    'migrate',
    'openOperator',
    'operatorOf'
  ],
  redis: [
    'RedisDurability',
    'RedisPlace',
    'RedisStoreOptions',
    'RedisTls',
    'SentinelPlace',
    'redisStore'
  ],
  testing: [
    'EventLogOptions',
    'EventLogVerdict',
    'FAULT_KINDS',
    'FaultKind',
    'FaultyStore',
    'INVARIANTS',
    'InvariantName',
    'MemoryStore',
    'SimulatedClock',
    'Simulation',
    'SimulationOptions',
    'StoreCheck',
    'Violation',
    'checkEventLog',
    'faultyStore',
    'memoryStore',
    'seededRandom',
    'simulate',
    'simulatedClock',
    'storeContract',
    'transcriptOf'
  ],
  webchat: ['WebChat', 'WebChatDoor', 'WebChatSettings', 'webchat'],
  whatsapp: ['WebhookDoor', 'WhatsAppSettings', 'whatsapp']
} as const

describe('the doors of the package', () => {
  for (const [door, names] of Object.entries(DOORS))
    it(`give these names and no other: ${door}`, () => {
      assert.deepEqual(namesBehind(door), names)
    })

  it('are all listed here', () => {
    const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      readonly exports: Readonly<Record<string, unknown>>
    }
    const doors = Object.keys(exports)
      .filter(door => !door.endsWith('.json'))
      .map(door => (door === '.' ? 'index' : door.slice('./'.length)))

    assert.deepEqual(doors.sort(), Object.keys(DOORS))
  })
})

/** What a door exports, types too, sorted. */
function namesBehind(door: string): readonly string[] {
  const source = readFileSync(`lib/${door}.ts`, 'utf8').replace(/^\/\/.*$/gm, '')
  const clause = /export (?:type )?\{([^}]*)\} from '[^']+'/g
  const rest = source.replace(clause, '').trim()
  assert.equal(rest, '', 'a door only hands on names')
  return [...source.matchAll(clause)]
    .flatMap(([, names = '']) => names.split(','))
    .map(name => name.trim().replace(/^type /, ''))
    .sort()
}
