-- wrk: no two requests have the same head, and all have the same cache key.
local count = 0

function request()
    count = count + 1
    wrk.headers["Cookie"] = "session=" .. count .. "; theme=dark"
    wrk.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) Client/" .. count
    return wrk.format()
end
