-- Trims a history past $historyRowsMost rows to the newest $historyRowsKept of them, and to
-- $historyBytes bytes, always keeping one.
local function trim(key, rows)
  if rows <= $historyRowsMost then return end
  local newest, bytes, keep = redis.call('LRANGE', key, -$historyRowsKept, -1), 0, 0
  for row = #newest, 1, -1 do
    bytes = bytes + #newest[row]
    if bytes > $historyBytes and keep > 0 then break end
    keep = keep + 1
  end
  redis.call('LTRIM', key, -keep, -1)
end
