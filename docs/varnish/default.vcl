# Varnish 7 in front of Cms: holds delivery until it is purged, passes the rest. Needs vmod xkey (package varnish-modules).
# Change: the backend, and who may purge. What each part is for: docs/cdn.md.
vcl 4.1;

import std;
import xkey;

backend cms {
    .host = "127.0.0.1";
    .port = "8080";
    .connect_timeout = 2s;
    .first_byte_timeout = 10s;
    .between_bytes_timeout = 5s;
    # Without a probe Varnish takes the service for healthy, and shows nothing older than half a minute while it is away.
    .probe = {
        .url = "/health/ready";
        .interval = 2s;
        .timeout = 1s;
        .window = 3;
        .threshold = 2;
        .initial = 2;
    }
}

# The nodes of Cms, and nobody else.
acl purgers {
    "127.0.0.1";
    "::1";
}

sub vcl_recv {
    set req.backend_hint = cms;

    # Cms__Purge__Varnish: drops at once whatever carries one of these keys.
    if (req.method == "PURGE") {
        if (client.ip !~ purgers) {
            return (synth(403, "Forbidden"));
        }
        set req.http.X-Purged = xkey.purge(req.http.xkey);
        return (synth(200, "Purged"));
    }

    # Nobody but this file says these.
    if (req.restarts == 0) {
        unset req.http.X-Any-Age;
    }
    unset req.http.X-Coding;
    unset req.http.X-Held;
    unset req.http.X-Purged;

    # Neither editors nor readers of the newsletter are anybody else's. Add the paths here that must never be held.
    if (req.url ~ "^/(management|newsletter|health|docs)(/|\?|$)") {
        return (pass);
    }
    if (req.method != "GET" && req.method != "HEAD") {
        return (pass);
    }

    set req.http.X-Held = "1";

    # What delivery answers depends on the address alone: nothing of the reader gets into a key, or to the service.
    unset req.http.Cookie;
    unset req.http.Authorization;
    set req.url = std.querysort(regsub(req.url, "#.*$", ""));

    # Three codings, by the client's own words (RFC 9110, 12.5.3); Varnish by itself would know gzip alone.
    if (req.http.Accept-Encoding ~ "(?i)(^|[,\s])br\s*(,|$|;\s*q=(1|0\.0*[1-9]))") {
        set req.http.X-Coding = "br";
    } else if (req.http.Accept-Encoding ~ "(?i)(^|[,\s])(x-)?gzip\s*(,|$|;\s*q=(1|0\.0*[1-9]))") {
        set req.http.X-Coding = "gzip";
    }

    # What is past its time is shown half a minute longer while it is fetched anew; an hour longer when the service is away.
    if (std.healthy(req.backend_hint) && !req.http.X-Any-Age) {
        set req.grace = 30s;
    } else {
        set req.grace = 1d; # as long as the answer allows
    }
    return (hash);
}

# An object for each coding: with its gzip support on, Varnish takes no notice of Vary: Accept-Encoding.
sub vcl_hash {
    hash_data(req.http.X-Coding);
}

sub vcl_backend_fetch {
    if (bereq.http.X-Coding) {
        set bereq.http.Accept-Encoding = bereq.http.X-Coding;
    } else if (!bereq.uncacheable) {
        unset bereq.http.Accept-Encoding;
    }
    unset bereq.http.X-Coding;
    unset bereq.http.X-Held;
}

sub vcl_backend_response {
    if (bereq.uncacheable) {
        return (deliver);
    }

    # A fault is never held. At first it is given up, which leaves alone what is held of this, however old: see vcl_synth.
    if (beresp.status >= 500 || beresp.status == 429) {
        if (bereq.is_bgfetch || !bereq.http.X-Any-Age) {
            return (abandon);
        }
        set beresp.ttl = 0s;
        set beresp.grace = 0s;
        set beresp.uncacheable = true;
        return (deliver);
    }

    # RFC 9213: what caches that are purged are told goes before what browsers are told.
    if (beresp.http.CDN-Cache-Control ~ "(?i)(^|[,\s])(no-store|no-cache|private)") {
        set beresp.ttl = 0s;
        set beresp.uncacheable = true;
        return (deliver);
    }
    if (beresp.http.CDN-Cache-Control ~ "(?i)(^|[,\s])max-age=[0-9]+") {
        set beresp.ttl = std.duration(regsub(beresp.http.CDN-Cache-Control, "(?i)^(.*[,\s])?max-age=([0-9]+).*$", "\2s"), 10s);
    }
    set beresp.grace = 0s; # what is told no more is brief: nothing purges it
    if (beresp.http.CDN-Cache-Control ~ "(?i)stale-if-error=[0-9]+") {
        set beresp.grace = std.duration(regsub(beresp.http.CDN-Cache-Control, "(?i)^.*stale-if-error=([0-9]+).*$", "\1s"), 30s);
    } else if (beresp.http.Cache-Control ~ "(?i)stale-if-error=[0-9]+") {
        set beresp.grace = std.duration(regsub(beresp.http.Cache-Control, "(?i)^.*stale-if-error=([0-9]+).*$", "\1s"), 30s);
    }
    set beresp.keep = 10m; # asked for anew by its tag

    # What purges name.
    set beresp.http.xkey = beresp.http.Surrogate-Key;
}

sub vcl_deliver {
    # Any one of several tags, weak or not (RFC 9110, 13.1.2); Varnish itself compares one.
    if (resp.http.ETag && std.strstr(req.http.If-None-Match, regsub(resp.http.ETag, "^W/", ""))) {
        set req.http.If-None-Match = resp.http.ETag;
    }

    if (obj.hits > 0) {
        set resp.http.Cache-Status = regsub(resp.http.Cache-Status, "(.)$", "\1, ") + "varnish; hit";
        # It is as fresh as the service's own, because it would have been purged: downstream its time begins now.
        if (obj.ttl >= 0s) {
            unset resp.http.Age;
        }
    } else if (req.http.X-Held) {
        set resp.http.Cache-Status = regsub(resp.http.Cache-Status, "(.)$", "\1, ") + "varnish; fwd=miss";
    }

    # For caches that are purged; leave them in where another one stands in front of this.
    unset resp.http.CDN-Cache-Control;
    unset resp.http.Surrogate-Key;
    unset resp.http.Cache-Tag;
    unset resp.http.xkey;
    unset resp.http.X-Varnish;
    unset resp.http.Via;
}

sub vcl_synth {
    # The service failed: whatever is held of this, however old, is better. Nothing is: it is asked once more, and its own words are sent.
    if (resp.status == 503 && req.restarts == 0 && req.http.X-Held) {
        set req.http.X-Any-Age = "1";
        return (restart);
    }
    if (req.http.X-Purged) {
        set resp.http.X-Purged = req.http.X-Purged;
        set resp.body = "";
        return (deliver);
    }
}

# The service cannot be reached: a problem (RFC 9457), as the service itself would send it.
sub vcl_backend_error {
    if (bereq.is_bgfetch || (!bereq.uncacheable && !bereq.http.X-Any-Age)) {
        return (abandon);
    }
    set beresp.ttl = 0s;
    set beresp.grace = 0s;
    set beresp.uncacheable = true;
    set beresp.status = 503;
    set beresp.http.Content-Type = "application/problem+json";
    set beresp.http.Cache-Control = "no-store";
    set beresp.http.Retry-After = "5";
    set beresp.body = {"{"type":"/problems/unavailable","title":"Service unavailable","status":503,"detail":"The service cannot be reached. Try again." }"};
    return (deliver);
}
