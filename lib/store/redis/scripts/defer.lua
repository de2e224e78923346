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
local standing, due, outside = kept[1] or '', kept[2], ARGV[4] ~= ''
local epoch, version, head, record, inFirst, inNext, rest =
  string.match(standing, '^([^:]*):(%d+):([^:]*):(%d:%a):(%d+):(%d+):(.*)$')
if head == ARGV[2] then return { 'committed', version } end

local bucket, print = kept[3] or '', nil
if outside then
  print = struct.pack('>I4I4', ARGV[5], ARGV[6])
  local at = string.find(bucket, print, 1, true)
  while at do
    if at % 14 == 1 then return { 'duplicate' } end
    at = string.find(bucket, print, at + 1, true)
  end
end

if not epoch then return { 'conflict' } end
if epoch ~= ARGV[1] or version == '0' then return { 'gone' } end
if inNext - inFirst >= 32 then return { 'full', 'inbox' } end
local lowers = ARGV[9] ~= '' and (not due or tonumber(ARGV[9]) < tonumber(due))
if lowers and not KEYS[3] then return { 'again' } end

version = version + 1
if outside then
  local now, own, cut = tonumber(call('TIME')[1]), version % 65536, 0
  while cut < #bucket do
    local a, b, c, d, e, f = string.byte(bucket, cut + 9, cut + 14)
    if ((a * 256 + b) * 256 + c) * 256 + d >= now - 691200
      or (own - (e * 256 + f)) % 65536 <= 128 then break end
    cut = cut + 14
  end
  if #bucket - cut >= 2240 then
    return { 'full', 'ids', struct.unpack('>I4', bucket, cut + 9) + 691201, now }
  end
  bucket = string.sub(bucket, cut + 1) .. print .. struct.pack('>I4I2', now, own)
end
if KEYS[3] then call('ZCARD', KEYS[3]) end

local rows = call('RPUSH', KEYS[2], ARGV[2] .. ' ' .. ARGV[8])
version = string.format('%.0f', version)
local after = table.concat(
  { epoch, version, ARGV[2], record, inFirst, string.format('%.0f', inNext + 1), rest }, ':')
call('HSET', KEYS[1], 'm', after, 'i' .. inNext, ARGV[7])
if outside then call('HSET', KEYS[1], ARGV[4], bucket) end
if lowers then
  call('HSET', KEYS[1], 'u', ARGV[9])
  call('ZADD', KEYS[3], ARGV[9], ARGV[3])
end
if rows > 36 then
  local newest, bytes, keep = call('LRANGE', KEYS[2], -20, -1), 0, 0
  for row = #newest, 1, -1 do
    bytes = bytes + #newest[row]
    if bytes > 65536 and keep > 0 then break end
    keep = keep + 1
  end
  call('LTRIM', KEYS[2], -keep, -1)
end
return { 'committed', version }
