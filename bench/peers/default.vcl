vcl 4.1;

# Cookies and user agents are outside the key, as with everybody here.
backend origin {{
    .host = "127.0.0.1";
    .port = "{origin_port}";
}}

sub vcl_recv {{
    unset req.http.Cookie;
}}

sub vcl_deliver {{
    set resp.http.X-Cache = obj.hits;
}}
