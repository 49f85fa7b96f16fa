"""What Redis does in one step, in its Lua: nobody comes between."""

from __future__ import annotations

TAKE = """
-- One request of a bucket, by the clock of the server: 0, or microseconds to wait.
-- ARGV: microseconds between two requests, how many may come at once.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local between = tonumber(ARGV[1])
local empty_at = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now) + between
local wait = empty_at - between * tonumber(ARGV[2]) - now
if wait > 1 then
  return string.format('%.0f', wait)
end
local text = string.format('%.0f', empty_at)
redis.call('SET', KEYS[1], text, 'PX', math.ceil((empty_at - now) / 1000) + 1)
return '0'
"""

PLACE = """
-- Positions: KEYS are their texts, places and moments.
-- ARGV: since when they are kept; then for each: vehicle, moment, longitude, latitude, text.
for n = 2, #ARGV, 5 do
  local before = redis.call('ZSCORE', KEYS[3], ARGV[n])
  if not before or tonumber(before) < tonumber(ARGV[n + 1]) then
    redis.call('ZADD', KEYS[3], ARGV[n + 1], ARGV[n])
    redis.call('GEOADD', KEYS[2], ARGV[n + 2], ARGV[n + 3], ARGV[n])
    redis.call('HSET', KEYS[1], ARGV[n], ARGV[n + 4])
  end
end
for _, vehicle in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', ARGV[1])) do
  redis.call('ZREM', KEYS[3], vehicle)
  redis.call('ZREM', KEYS[2], vehicle)
  redis.call('HDEL', KEYS[1], vehicle)
end
"""
