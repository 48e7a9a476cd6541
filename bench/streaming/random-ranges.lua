-- wrk: every request asks for RANGE_SIZE bytes at a random place of a file of FILE_SIZE bytes.
local size = tonumber(os.getenv("RANGE_SIZE"))
local file = tonumber(os.getenv("FILE_SIZE"))
math.randomseed(os.time())

request = function()
  local at = math.random(0, file - size)
  return wrk.format("GET", nil, { Range = "bytes=" .. at .. "-" .. (at + size - 1) })
end

done = function(summary, latency)
  local e = summary.errors
  io.write(string.format(
    'FIGURES {"bytes":%d,"requests":%d,"microseconds":%d,"p99":%d,"errors":%d}\n',
    summary.bytes, summary.requests, summary.duration, latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
