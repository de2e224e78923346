-- A commit as one would write it first: state, history and replies a key each, none of the checks
-- that make it safe. Frozen: it is the measure of what a safe commit may cost the server.
--
-- KEYS  1 hash: v version, j state, d newest ids     2 list: history     3 list: replies
-- ARGV  1 version of the parent, -1 for any   2 state   3 message id   4 history row
--       5 rows of history kept   6 time to live in ms   7 replies acknowledged   then the replies
-- Reply {'OK', version} | {'DUP', version} | {'CAS', version}
local state, history, outbox = KEYS[1], KEYS[2], KEYS[3]
local kept = redis.call('HMGET', state, 'v', 'd')
local version, ids = tonumber(kept[1] or 0), kept[2] or ''
if string.find(ids, '|' .. ARGV[3] .. '|', 1, true) then return { 'DUP', version } end
if ARGV[1] ~= '-1' and version ~= tonumber(ARGV[1]) then return { 'CAS', version } end
version = version + 1
ids = '|' .. ARGV[3] .. (ids == '' and '|' or ids)
if #ids > 1024 then
  ids = string.sub(ids, 1, 512)
  ids = string.sub(ids, 1, #ids - string.find(string.reverse(ids), '|', 1, true) + 1)
end
redis.call('HSET', state, 'v', version, 'j', ARGV[2], 'd', ids)
redis.call('RPUSH', history, ARGV[4])
redis.call('LTRIM', history, -tonumber(ARGV[5]), -1)
if ARGV[7] ~= '0' then redis.call('LTRIM', outbox, tonumber(ARGV[7]), -1) end
for reply = 8, #ARGV do redis.call('RPUSH', outbox, ARGV[reply]) end
redis.call('PEXPIRE', state, ARGV[6])
redis.call('PEXPIRE', history, ARGV[6])
redis.call('PEXPIRE', outbox, ARGV[6])
return { 'OK', version }
