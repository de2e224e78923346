#!lua flags=no-writes
-- All that is stored of one conversation, at one instant.
--
-- KEYS  1 state  hash  (see commit.lua)    2 history  list    3 parked  list
--       4 due  5 index  6 parked  7 held  zset   the indexes of the partition
-- ARGV  1 id of the conversation
-- Reply {{field, value, ...}, history rows, parked rows, {its score in each index, or ''}}
--       with dedupe buckets as hex digits: their bytes are no text
local call = redis.call
local fields, scores = call('HGETALL', KEYS[1]), {}
for at = 1, #fields, 2 do
  if fields[at] == 'm' then checked(fields[at + 1]) end
  if string.find(fields[at], '^d%d+$') then
    fields[at + 1] = string.gsub(fields[at + 1], '.', function(byte)
      return string.format('%02x', string.byte(byte))
    end)
  end
end
for key = 4, 7 do scores[#scores + 1] = call('ZSCORE', KEYS[key], ARGV[1]) or '' end
return { fields, call('LRANGE', KEYS[2], 0, -1), call('LRANGE', KEYS[3], 0, -1), scores }
