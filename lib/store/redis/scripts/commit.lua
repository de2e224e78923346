#!lua
-- Commits one step of one conversation, or nothing at all.
--
-- KEYS  1 state    hash  m standing, u due time set, a acknowledged through, n minute of activity,
--                        l aliases, p where an alias leads, t the tombstone beneath it,
--                        w who sends its replies, until when,
--                        r0 r1 records, d<n> dedupe buckets, o<n> replies, i<n> inbox, c<key> calls
--       2 history  list  one row a version, the newest last
--       3 due      zset  id by wake time in ms       4 index   zset  id by minute of activity
--       5 parked   list  parked rows                 6 parked  zset  id by minute, if any row is
--       7 held     zset  id by minute, while it is held
--       3 and 4 only when the caller expects to write them, 5 and 6 only when a row is parked or
--       it begins or ceases to be held, 7 only then
-- ARGV  1 standing of the parent, '' for none    2 standing of this commit    3 id
--       4 bucket field, '' when the cause did not come from outside
--       5 and 6 its fingerprint, 32 bits each    7 version of this commit
--       8 what the caller found too much itself: 'oversize', 'inbox' or ''
--       9 due time in ms, or ''    10 minute of activity, '' when the index has it
--       11 number of the last reply acknowledged    12 of the last one brought, 0 for none
--       13 number of the reply in field o0 of the parent    14 the same from this commit on
--       15 history row    16 how many fields to remove    17 how many rows to park
--       18 'held', 'free' or '' to leave it as it is
--       then those fields, those rows, and field, value, field, value
-- Reply {'committed', due or ''} | {'duplicate'} | {'gone'} | {'oversize'} | {'again', due or ''}
--       | {'conflict', standing, head at our version or ''} | {'full', 'inbox' or 'undelivered'}
--       | {'full', 'ids', second from which there is room, second of now}
--
-- Redis does not roll back: every check comes before the first write, and the first write is the
-- one that finds a wrong type of the history.
local call = redis.call
local kept = call('HMGET', KEYS[1], 'm', 'u', 'a', ARGV[4])
local standing, due, bucket, print = kept[1] or '', kept[2], kept[4] or '', nil
if standing == ARGV[2] then return { 'committed', due or '' } end

if ARGV[4] ~= '' then
  print = struct.pack('>I4I4', ARGV[5], ARGV[6])
  if holds(bucket, print) then return { 'duplicate' } end
end
if standing ~= ARGV[1] or kept[1] == '' then
  checked(kept[1])
  local epoch, version = string.match(standing, '^([^:]*):(%d+)')
  local ours, from = string.match(ARGV[1], '^([^:]*):(%d+)')
  if epoch and ours and epoch ~= ours then return { 'gone' } end
  local back = epoch and ours and tonumber(version) - tonumber(from) or -1
  local row = back >= 0 and call('LINDEX', KEYS[2], -1 - back)
  return { 'conflict', standing, row and string.match(row, '^[^ ]*') or '' }
end

if ARGV[8] == 'oversize' then return { 'oversize' } end
if ARGV[8] ~= '' then return { 'full', ARGV[8] } end
-- A commit that acknowledges all replies so far says so by its base; `a` is for the rest.
local base = ARGV[13] + 0
local acknowledged = math.max(kept[3] or 0, base - 1)
local through = math.max(ARGV[11], acknowledged)
if ARGV[12] - through > $undeliveredRows then return { 'full', 'undelivered' } end
local lowers = ARGV[9] ~= '' and (not due or tonumber(ARGV[9]) < tonumber(due))
if (lowers or ARGV[10] ~= '') and not KEYS[4] then return { 'again', due or '' } end
if print then
  local room, now
  bucket, room, now = admitting(bucket, print, ARGV[7])
  if not bucket then return { 'full', 'ids', room, now } end
end
if KEYS[4] then call('ZCARD', KEYS[3]) call('ZCARD', KEYS[4]) end
if KEYS[6] then call('LLEN', KEYS[5]) call('ZCARD', KEYS[6]) end
if KEYS[7] then call('ZCARD', KEYS[7]) end

trim(KEYS[2], call('RPUSH', KEYS[2], ARGV[15]))
local at = 19 + ARGV[16]
if at > 19 then call('HDEL', KEYS[1], unpack(ARGV, 19, at - 1)) end
if ARGV[17] ~= '0' then
  call('RPUSH', KEYS[5], unpack(ARGV, at, at + ARGV[17] - 1))
  call('LTRIM', KEYS[5], -$parkedRows, -1)
  call('ZADD', KEYS[6], ARGV[10], ARGV[3])
  at = at + ARGV[17]
end
if ARGV[18] == 'held' then call('ZADD', KEYS[7], ARGV[10], ARGV[3]) end
if ARGV[18] == 'free' then call('ZREM', KEYS[7], ARGV[3]) end
-- Fields of acknowledged replies that this commit brings replies in are written over.
local rebased, gone = ARGV[13] ~= ARGV[14], {}
local used = rebased and ARGV[12] - ARGV[14] or -1
for field = math.max(acknowledged + 1 - base, used + 1), through - base do
  gone[#gone + 1] = 'o' .. field
end
if #gone > 0 then call('HDEL', KEYS[1], unpack(gone)) end

-- The arguments before the pairs are used up: the fields of this script go into their places.
local minute = ARGV[10]
local function put(field, value) at = at - 2 ARGV[at], ARGV[at + 1] = field, value end
put('m', ARGV[2])
if print then put(ARGV[4], bucket) end
if through > acknowledged and not rebased then put('a', through) end
if lowers then due = ARGV[9] call('ZADD', KEYS[3], due, ARGV[3]) put('u', due) end
if minute ~= '' then call('ZADD', KEYS[4], minute, ARGV[3]) put('n', minute) end
call('HSET', KEYS[1], unpack(ARGV, at))
if KEYS[4] and string.find(standing, ':0:-:', 1, true) then call('PERSIST', KEYS[1]) end
return { 'committed', due or '' }
