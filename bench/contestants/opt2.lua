-- A commit as simple as it can be and still safe: one hash, one list. Frozen: it is the measure
-- that a change of the shipped script cannot move.
--
-- KEYS  1 hash: v version, j state, d newest ids, o replies      2 list: history
-- ARGV  1 version of the parent, -1 for any   2 state   3 message id   4 history row
--       5 rows of history kept   6 time to live in ms, 0 to leave it   7 replies acknowledged
--       then the replies
-- Reply {'OK', version} | {'DUP', version} | {'CAS', version}
local c = redis.call
local k = KEYS[1]
local h = c('HMGET', k, 'v', 'd', 'o')
local v = tonumber(h[1] or 0)
local d = h[2] or '|'
local id = ARGV[3]
if string.find(d, '|' .. id .. '|', 1, true) then return { 'DUP', v } end
if ARGV[1] ~= '-1' and v ~= tonumber(ARGV[1]) then return { 'CAS', v } end
v = v + 1
d = '|' .. id .. d
if #d > 1024 then d = string.match(string.sub(d, 1, 512), '^(.*|)') end
local o = ''
if ARGV[7] == '0' and h[3] then o = h[3] end
for i = 8, #ARGV do o = (o == '' and '' or o .. '\n') .. ARGV[i] end
c('HSET', k, 'v', v, 'j', ARGV[2], 'd', d, 'o', o)
local n = tonumber(ARGV[5])
if c('RPUSH', KEYS[2], ARGV[4]) > n + 15 then c('LTRIM', KEYS[2], -n, -1) end
local t = ARGV[6]
if t ~= '0' then
  c('PEXPIRE', k, t)
  c('PEXPIRE', KEYS[2], t)
end
return { 'OK', v }
