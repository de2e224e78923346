#!lua flags=no-writes
-- A page of one partition's conversations by the minute of something, the newest first.
--
-- KEYS  1 index, parked or held  zset  id by minute
-- ARGV  1 and 2 minute and id of the position to go on after, both '' to begin
--       3 most ids
-- Reply {id, minute, id, minute, ...}
local call = redis.call
local first = 0

-- Lua compares texts by the locale of the server; sorted sets compare bytes, and so does this.
local function isBefore(one, other)
  for at = 1, math.min(#one, #other) do
    local left, right = string.byte(one, at), string.byte(other, at)
    if left ~= right then return left < right end
  end
  return #one < #other
end

if ARGV[1] ~= '' then
  -- Members of one minute are sorted by id: find the first one past the position by halving.
  first = call('ZCOUNT', KEYS[1], '(' .. ARGV[1], '+inf')
  local last = call('ZCOUNT', KEYS[1], ARGV[1], '+inf')
  while first < last do
    local middle = math.floor((first + last) / 2)
    if isBefore(call('ZREVRANGE', KEYS[1], middle, middle)[1], ARGV[2]) then
      last = middle
    else
      first = middle + 1
    end
  end
end
return call('ZREVRANGE', KEYS[1], first, first + ARGV[3] - 1, 'WITHSCORES')
