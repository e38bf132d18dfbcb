"""A hundred and more ways to spell an address that must not be reached; {port} is the canary's."""

from __future__ import annotations

NAMES = {
    "localhost": ["127.0.0.1"],
    "localhost.": ["127.0.0.1"],
    "loop.example": ["127.0.0.1"],
    "loop6.example": ["::1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "both.example": ["9.9.9.9", "127.0.0.1"],
    "nat.example": ["64:ff9b::7f00:1"],
    "zoned.example": ["fe80::1%lo"],
    "intranet.example": ["10.1.2.3"],
    "metadata.example": ["169.254.169.254"],
}
"""What a resolver says of names that lead inside."""

_SELF = """
127.0.0.1 127.1 127.0.1 127.0.0.2 127.255.255.254 127.000.000.001 2130706433 2130706434 0x7f000001
0x7F000001 0x7f.0.0.1 0x7f.1 0177.0.0.1 0177.1 017700000001 00000177.00000000.00000000.00000001
0x7f.0x0.0x0.0x1 0177.0.0.0x1 127.0x1 0x7f.0.1 0 0.0.0.0 0.0 00 0x0 0.0.0.1 0.255.255.255
[::1] [0:0:0:0:0:0:0:1] [0000:0000:0000:0000:0000:0000:0000:0001] [::] [0::0] [::0.0.0.1]
[::ffff:127.0.0.1] [::ffff:7f00:1] [::FFFF:127.0.0.1] [0:0:0:0:0:ffff:7f00:0001] [::ffff:0.0.0.0]
[::127.0.0.1] [::7f00:1] [64:ff9b::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b:1::7f00:1]
[2002:7f00:1::] [2002:7f00:1::1] [2001:0:7f00:1::] [2001:0:4136:e378:8000:63bf:80ff:fffe]
[::ffff:0:127.0.0.1] [::1%25lo] [::ffff:127.0.0.1%25lo]
localhost LOCALHOST LocalHost localhost. loop.example LOOP.example loop6.example mapped.example
both.example nat.example zoned.example
user@127.0.0.1 user:pw@127.0.0.1 blog.example@127.0.0.1 blog.example:80@127.1
127.0.0.1. 127.1. %31%32%37.0.0.1 127%2e0%2e0%2e1 １２７.０.０.１ ①②⑦.⓪.⓪.① 127。0。0。1 ｌｏｃａｌｈｏｓｔ
ⓛⓞⓒⓐⓛⓗⓞⓢⓣ
"""
_INSIDE = """
10.0.0.1 10.255.255.255 0xa000001 167772161 012.0.0.1 172.16.0.1 172.31.255.254 192.168.0.1
192.168.255.255 3232235521 0300.0250.0.1 169.254.169.254 2852039166 0xa9fea9fe 0251.0376.0251.0376
169.254.1 [::ffff:169.254.169.254] [64:ff9b::a9fe:a9fe] [2002:a9fe:a9fe::] [::a9fe:a9fe]
100.64.0.1 100.127.255.254 100.100.100.200 [fe80::1] [fe80::1%25lo] [fc00::1] [fd00:ec2::254]
[fd12:3456:789a::1] [fec0::1] [feff::1] [64:ff9b::10.0.0.1] [::ffff:192.168.1.1]
intranet.example metadata.example
"""
_SPECIAL = """
192.0.0.1 192.0.0.170 192.0.2.1 192.88.99.1 198.18.0.1 198.19.255.254 198.51.100.7 203.0.113.7
224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 4294967295 [ff02::1] [ff05::2] [2001:db8::1]
[3fff::1] [2001:2::1] [2001:10::1] [2001:20::1] [100::1] [5f00::1] [3ffe::1] [4000::1] [::8.8.8.8]
[2002:808:808::1]
"""
HOSTS = (*_SELF.split(), *_INSIDE.split(), *_SPECIAL.split())

AWAY = (
    "file:///etc/passwd",
    "ftp://127.0.0.1:{port}/",
    "gopher://127.0.0.1:{port}/_GET",
    "dict://127.0.0.1:{port}/info",
    "unix:///run/docker.sock",
    "http+unix://%2Frun%2Fdocker.sock/info",
    "jar:http://127.0.0.1:{port}!/",
    "http:/127.0.0.1:{port}/",
    "http:127.0.0.1:{port}/",
    "http://127.0.0.1:{port}#@blog.example/",
    "http://127.0.0.1:{port}\\@blog.example/",
    "http://blog.example\\@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}?@blog.example/",
    "http:///127.0.0.1:{port}/",
    "http://127.0.0.1 .blog.example:{port}/",
    "http://[::1]]:{port}/",
    "http://127.0.0.1:99999/",
    "http://127.0.0.1:{port}:80/",
)
"""Other schemes, and addresses that two readers may take for two different ones."""

SPELLINGS = tuple(f"http://{host}:{{port}}/" for host in HOSTS) + AWAY
