-- The requests of src/app.rs, written out once: the load generator must not be what is measured.
local paths = { "/users/42", "/users/1337", "/users/271828", "/users/3" }
local requests, next_request = {}, 0

function init()
  local headers = {
    ["user-agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    ["accept"] = "application/json",
    ["accept-encoding"] = "gzip, deflate, br",
    ["accept-language"] = "en-GB,en;q=0.5",
    ["x-tenant-id"] = "acme",
  }
  math.randomseed(1)
  local function word() return string.format("%08x", math.random(1, 0x7fffffff)) end
  for number = 0, 99 do
    local flags = number % 10 == 0 and "01" or "00"
    headers["traceparent"] = table.concat({ "00", word() .. word() .. word() .. word(), word() .. word(), flags }, "-")
    requests[number] = wrk.format("GET", paths[number % #paths + 1], headers)
  end
end

function request()
  next_request = (next_request + 1) % 100
  return requests[next_request]
end
