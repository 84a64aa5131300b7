"""URLs that no source of the internet may have, and addresses that no name may have."""

from __future__ import annotations

# spellings of 127.0.0.1 and 169.254.169.254 that some resolver understands
NUMBERS = (
    *("2130706433", "0x7f000001", "0x7F.0x0.0x0.0x1", "0177.0.0.1", "017700000001"),
    *("127.1", "127.0.1", "0x7f.1", "0177.1", "127.0.0.01", "127.000.000.001"),
    *("2852039166", "0xa9fea9fe", "0xa9.0xfe.0xa9.0xfe", "0251.0376.0251.0376"),
    *("169.254.43518", "169.16689662", "0251.254.169.254", "0xa9fea9fe.", "127.0.0.1."),
    *("0", "00", "0x0", "0x", "0.0", "4294967296", "1.2.3.4.5", "256.1.1.1"),
    *("999.999.999.999", "1e3.1", "127.0.0.1.0x1", "8.8.8.010", "+127.0.0.1"),
)
ADDRESSES = (
    *("127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.0.1"),
    *("172.16.0.1", "172.31.255.254", "192.168.0.1", "192.168.255.254"),
    *("169.254.169.254", "169.254.170.2", "169.254.0.1", "168.63.129.16"),
    *("100.64.0.1", "100.100.100.200", "100.127.255.254", "192.0.0.192", "192.0.0.1"),
    *("192.0.2.1", "198.51.100.7", "203.0.113.9", "192.88.99.1", "198.18.0.1"),
    *("198.19.255.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
)
ADDRESSES_6 = (
    *("::", "::1", "0:0:0:0:0:0:0:1", "fe80::1", "febf::1", "fec0::1", "ff02::1"),
    *("fc00::1", "fd00::1", "fd00:ec2::254", "fd20:ce::254", "100::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:a9fe:a9fe"),
    *("::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "::127.0.0.1", "::169.254.169.254"),
    *("64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b::8.8.8.8"),
    *("64:ff9b:1::a9fe:a9fe", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:808:808::1"),
    *("2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:10::1", "2001:20::1"),
    *("3fff::1", "5f00::1", "4000::1", "fe80::5efe:7f00:1"),
)
HOSTS = (
    *("localhost", "LOCALHOST", "localhost.", "a.localhost", "localhost.localdomain"),
    *("metadata", "metadata.google.internal", "instance-data.ec2.internal", "intranet"),
    *("printer.local", "nas.lan", "router.home", "wiki.corp", "box.home.arpa"),
    *(
        "a.onion",
        "a.test",
        "a.example",
        "a.invalid",
        "acme.dev.",
        "acme..dev",
        ".acme.dev",
    ),
    *(
        "-acme.dev",
        "acme-.dev",
        "*.acme.dev",
        "acme.dev,evil.dev",
        "a b.dev",
        "a%2eb.dev",
    ),
    *(
        "\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3",
        "\uff11\uff12\uff17.\uff10.\uff10.\uff11",
        "127\u30020\u30020\u30021",
        "api.\u043epenai.com",
        "\u0430pi.dev",
        "a\u200bb.dev",
    ),
    *(
        "a" * 64 + ".dev",
        "a." * 130 + "dev",
        "",
        "..",
        "%6c%6fcalhost",
        "acme.dev%00.x.dev",
    ),
)
WHOLE = (
    *("http://api.acme.dev:443/v1", "http://8.8.8.8:443/", "http://api.acme.dev:8443/"),
    *("http://api.acme.dev/v1", "HTTP://api.acme.dev/v1", "//api.acme.dev/v1"),
    *("ftp://api.acme.dev/", "file:///etc/passwd", "gopher://api.acme.dev:70/_x"),
    *("data:application/json,{}", "javascript:alert(1)", "unix:///run/docker.sock"),
    *("https:/api.acme.dev", "https:api.acme.dev", "https:///v1", "https://", ""),
    *(" https://api.acme.dev", "https://api.acme.dev ", "https ://api.acme.dev"),
    *("https://user@api.acme.dev/", "https://user:secret@api.acme.dev/"),
    *("https://api.acme.dev@127.0.0.1/", "https://api.acme.dev:443@127.0.0.1/"),
    *("https://127.0.0.1\\@api.acme.dev/", "https://api.acme.dev\\@127.0.0.1/"),
    *("https://api.acme.dev\\.evil.dev/", "https:\\\\api.acme.dev/"),
    *("https://api.acme.dev#@127.0.0.1/", "https://127.0.0.1#@api.acme.dev/"),
    *("https://api.acme.dev/v1#models", "https://@127.0.0.1/", "https://:@127.0.0.1/"),
    *("https://api.acme.dev%40127.0.0.1/", "https://127.0.0.1%23.api.acme.dev/"),
    *(
        "https://api.acme.dev:80/",
        "https://api.acme.dev:22/",
        "https://api.acme.dev:0/",
    ),
    *(
        "https://api.acme.dev:6379/",
        "https://api.acme.dev:11434/",
        "https://api.acme.dev:/",
    ),
    *(
        "https://api.acme.dev:65536/",
        "https://api.acme.dev:99999/",
        "https://a.dev:443:80/",
    ),
    *(
        "https://api.acme.dev:0443/",
        "https://api.acme.dev:+443/",
        "https://api.acme.dev:\u096a\u096a\u0969/",
    ),
    *(
        "https://api.acme.dev:-1/",
        "https://api.acme.dev:443a/",
        "https://api.acme.dev: 443/",
    ),
    *("https://api.acme.dev/\r\nHost: evil.dev", "https://api.acme.dev/\r\n\r\nGET /"),
    *(
        "https://api.acme.dev/a b",
        "https://api.acme.dev/\x00",
        "https://api.acme.dev/\t",
    ),
    *(
        "https://api.acme.dev\r\n/",
        "https://api.acme.dev/<x>",
        'https://api.acme.dev/"',
    ),
    *(
        "https://[::1",
        "https://::1/",
        "https://[::1]]/",
        "https://[[::1]]/",
        "https://[]/",
    ),
    *("https://[::1%25eth0]/", "https://[fe80::1%eth0]/", "https://[v1.x]/"),
    *("https://[127.0.0.1]/", "https://[::ffff:127.1]/", "https://[::1]a/"),
    *(
        "https://[api.acme.dev]/",
        "https://{resource}.acme.dev/",
        "https://api.acme.dev/{x}",
    ),
    *(
        "https://api.acme.dev/" + "a" * 2100,
        "https://api.acme.dev/\u00e9",
        "https://api.acme.dev?#",
    ),
)
URLS = (
    *(f"https://{host}/v1/models" for host in (*NUMBERS, *ADDRESSES, *HOSTS)),
    *(f"https://[{address}]/v1/models" for address in ADDRESSES_6),
    *WHOLE,
)
