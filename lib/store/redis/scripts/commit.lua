#!lua
-- Commits one step of one conversation, or nothing at all.
--
-- KEYS  1 state    hash  the conversation: m its standing, u due time set, a acknowledged through,
--                        n minute of activity, r0 r1 records, d<n> dedupe buckets, o<n> replies,
--                        i<n> inbox rows, c<key> open calls
--       2 history  list  one row a version, the newest last
--       3 due      zset  id by wake time in ms              3 and 4 only when the caller
--       4 index    zset  id by minute of the last activity  expects to write them
--       5 parked   list  parked rows                        5 and 6 only when a row is parked
--       6 parked   zset  ids with parked rows, by minute
-- ARGV  1 standing of the parent, '' when nothing is stored      2 standing of this commit
--       3 id of the conversation
--       4 bucket field, '' when the cause did not come from outside
--       5 and 6 its fingerprint, two numbers of 32 bits
--       7 version of this commit
--       8 what the caller found too large itself: 'oversize', 'inbox' or ''
--       9 due time in ms, or ''
--       10 minute of activity, '' when the index has it
--       11 number of the last reply acknowledged      12 of the last one brought, or 0
--       13 number of the reply that field o0 stands for in the parent, 14 and from now on
--       15 history row
--       16 how many fields are removed       17 how many rows are parked
--       then those fields, those rows, and field, value, field, value
-- Reply {'committed', due or ''} | {'duplicate'} | {'gone'}
--       | {'conflict', standing, head at our version or ''} | {'oversize'}
--       | {'full', 'inbox'} | {'full', 'undelivered'}
--       | {'full', 'ids', second from which there is room, second of now} | {'again', due or ''}
--
-- Redis does not roll back: every check comes before the first write, and the first write is the
-- one that finds a wrong type of the history.
local call = redis.call
local kept = call('HMGET', KEYS[1], 'm', 'u', 'a', ARGV[4])
local standing, due, outside = kept[1] or '', kept[2], ARGV[4] ~= ''
if standing == ARGV[2] then return { 'committed', due or '' } end

local bucket, print = kept[4] or '', nil
if outside then
  print = struct.pack('>I4I4', ARGV[5], ARGV[6])
  local at = string.find(bucket, print, 1, true)
  while at do
    if at % 14 == 1 then return { 'duplicate' } end
    at = string.find(bucket, print, at + 1, true)
  end
end

if standing ~= ARGV[1] then
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
local acknowledged, through = math.max(kept[3] or 0, base - 1), ARGV[11] + 0
if through < acknowledged then through = acknowledged end
if ARGV[12] - through > 100 then return { 'full', 'undelivered' } end
local lowers = ARGV[9] ~= '' and (not due or tonumber(ARGV[9]) < tonumber(due))
if (lowers or ARGV[10] ~= '') and not KEYS[4] then return { 'again', due or '' } end

if outside then
  local now, version, cut = tonumber(call('TIME')[1]), ARGV[7] % 65536, 0
  while cut < #bucket do
    local a, b, c, d, e, f = string.byte(bucket, cut + 9, cut + 14)
    if ((a * 256 + b) * 256 + c) * 256 + d >= now - 691200
      or (version - (e * 256 + f)) % 65536 <= 128 then break end
    cut = cut + 14
  end
  if #bucket - cut >= 2240 then
    return { 'full', 'ids', struct.unpack('>I4', bucket, cut + 9) + 691201, now }
  end
  bucket = string.sub(bucket, cut + 1) .. print .. struct.pack('>I4I2', now, version)
end
if KEYS[4] then call('ZCARD', KEYS[3]) call('ZCARD', KEYS[4]) end
if KEYS[6] then call('LLEN', KEYS[5]) call('ZCARD', KEYS[6]) end

local rows = call('RPUSH', KEYS[2], ARGV[15])
local at = 18 + ARGV[16]
if ARGV[16] ~= '0' then call('HDEL', KEYS[1], unpack(ARGV, 18, at - 1)) end
if KEYS[6] then
  local last = at + ARGV[17]
  call('RPUSH', KEYS[5], unpack(ARGV, at, last - 1))
  call('LTRIM', KEYS[5], -100, -1)
  call('ZADD', KEYS[6], ARGV[10], ARGV[3])
  at = last
end

if KEYS[4] then
  if ARGV[10] ~= '' then call('ZADD', KEYS[4], ARGV[10], ARGV[3]) end
  if lowers then call('ZADD', KEYS[3], ARGV[9], ARGV[3]) end
end

if through > acknowledged then
  -- Fields that this commit brings replies in are written over; the others go.
  local rebased = ARGV[13] ~= ARGV[14]
  local used, fields = rebased and ARGV[12] - ARGV[14] or -1, {}
  for field = acknowledged + 1 - base, through - base do
    if field > used then fields[#fields + 1] = 'o' .. field end
  end
  if #fields > 0 then call('HDEL', KEYS[1], unpack(fields)) end
  if not rebased then call('HSET', KEYS[1], 'a', through) end
end

-- The arguments before the pairs are used up: the fields of this script go into their places.
at = at - 2
ARGV[at], ARGV[at + 1] = 'm', ARGV[2]
if outside then
  at = at - 2
  ARGV[at], ARGV[at + 1] = ARGV[4], bucket
end
if lowers then
  due, at = ARGV[9], at - 2
  ARGV[at], ARGV[at + 1] = 'u', due
end
if ARGV[10] ~= '' then
  at = at - 2
  ARGV[at], ARGV[at + 1] = 'n', ARGV[10]
end
call('HSET', KEYS[1], unpack(ARGV, at))

if KEYS[4] and string.find(standing, ':0:-:', 1, true) then call('PERSIST', KEYS[1]) end
if rows > 36 then
  local newest, bytes, keep = call('LRANGE', KEYS[2], -20, -1), 0, 0
  for row = #newest, 1, -1 do
    bytes = bytes + #newest[row]
    if bytes > 65536 and keep > 0 then break end
    keep = keep + 1
  end
  call('LTRIM', KEYS[2], -keep, -1)
end
return { 'committed', due or '' }
