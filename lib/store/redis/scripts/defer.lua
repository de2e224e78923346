#!lua
-- Appends to the inbox without reading the record: version and head rise, no slot is written.
--
-- KEYS  1 state    hash  (see commit.lua)       2 history  list
--       3 due      zset  only when the caller expects to write it
-- ARGV  1 epoch    2 head of this deferral      3 id of the conversation
--       4 bucket field, '' for none             5 and 6 fingerprint, two numbers of 32 bits
--       7 inbox row      8 history row          9 due time in ms, or ''
-- Reply {'committed', version} | {'duplicate'} | {'conflict'} | {'gone'} | {'full', 'inbox'}
--       | {'full', 'ids', second from which there is room, second of now} | {'again'}
--
-- Every check comes before the first write, and the first write finds a wrong type of the history.
local call = redis.call
local kept = call('HMGET', KEYS[1], 'm', 'u', ARGV[4])
local standing, due = checked(kept[1]) or '', kept[2]
local epoch, version, head, record, inFirst, inNext, rest =
  string.match(standing, '^([^:]*):(%d+):([^:]*):(%d:%a):(%d+):(%d+):(.*)$')
if head == ARGV[2] then return { 'committed', version } end

local bucket, print = kept[3] or '', nil
if ARGV[4] ~= '' then
  print = struct.pack('>I4I4', ARGV[5], ARGV[6])
  if holds(bucket, print) then return { 'duplicate' } end
end

if not epoch then return { 'conflict' } end
if epoch ~= ARGV[1] or version == '0' then return { 'gone' } end
if inNext - inFirst >= $inboxRows then return { 'full', 'inbox' } end
local lowers = ARGV[9] ~= '' and (not due or tonumber(ARGV[9]) < tonumber(due))
if lowers and not KEYS[3] then return { 'again' } end

version = version + 1
if print then
  local room, now
  bucket, room, now = admitting(bucket, print, version)
  if not bucket then return { 'full', 'ids', room, now } end
end
if KEYS[3] then call('ZCARD', KEYS[3]) end

trim(KEYS[2], call('RPUSH', KEYS[2], ARGV[2] .. ' ' .. ARGV[8]))
version = string.format('%.0f', version)
local after = table.concat(
  { epoch, version, ARGV[2], record, inFirst, string.format('%.0f', inNext + 1), rest }, ':')
call('HSET', KEYS[1], 'm', after, 'i' .. inNext, ARGV[7])
if print then call('HSET', KEYS[1], ARGV[4], bucket) end
if lowers then
  call('HSET', KEYS[1], 'u', ARGV[9])
  call('ZADD', KEYS[3], ARGV[9], ARGV[3])
end
return { 'committed', version }
