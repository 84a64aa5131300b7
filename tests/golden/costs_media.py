"""Hand-worked costs of audio, images, video and documents."""

from golden.costs import case
from golden.media_prices import (
    CANVAS,
    COMPUTE,
    DALL_E,
    FLASH,
    GPT_IMAGE,
    GROK_VOICE,
    MINI_TTS,
    MULTIMODAL,
    NANO_BANANA,
    NOVA_3,
    OCR,
    REALTIME,
    SIZED,
    SONIC,
    SORA,
    TTS,
    VEO,
    WAN,
    WHISPER,
    WHISPER_LARGE,
)

AUDIO = [
    # 100 × 0.3 + 9,600 × 1 = 30 + 9,600
    case("audio in", FLASH, {"input": 100, "input_audio": 9600}, "0.00963"),
    # 5,000 × 0.1 / 10^6
    case("cached audio", FLASH, {"cache_read_audio": 5000}, "0.0005"),
    # 9,600 × 0.5 / 10^6
    case(
        "audio in batch", FLASH, {"input_audio": 9600}, "0.0048", service_tier="batch"
    ),
    # cached audio has a price of its own, but none in batch
    case(
        "cached audio in batch",
        FLASH,
        {"cache_read_audio": 5000},
        None,
        unpriced=("cache_read_audio",),
        service_tier="batch",
    ),
    # 1,000 × 1.8 + 1,000 × 0.054 = 1,800 + 54
    case(
        "audio in priority, text cached",
        FLASH,
        {"input_audio": 1000, "cache_read": 1000},
        "0.001854",
        service_tier="priority",
    ),
    # 1,000 × 0.15 + 400 × 1.25 + 600 × 1.25 = 150 + 500 + 750
    case(
        "reasoning in batch",
        FLASH,
        {"input": 1000, "output": 400, "reasoning": 600},
        "0.0014",
        service_tier="batch",
    ),
    # 100 × 4 + 600 × 32 + 50 × 16 + 1,200 × 64 = 400 + 19,200 + 800 + 76,800
    case(
        "a spoken dialogue",
        REALTIME,
        {"input": 100, "input_audio": 600, "output": 50, "output_audio": 1200},
        "0.0972",
    ),
    # 5,000 × 0.4 + 1,000 × 0.5 + 1,000 × 5 = 2,000 + 500 + 5,000
    case(
        "cached audio and images beside an image",
        REALTIME,
        {"cache_read_audio": 5000, "cache_read_image": 1000, "input_image": 1000},
        "0.0075",
    ),
    # 1,000 × 0.4 / 10^6
    case("audio written to the cache", REALTIME, {"cache_write_audio": 1000}, "0.0004"),
    # 1,000 × 3 + 2,000 × 12 = 3,000 + 24,000
    case(
        "speech to speech", SONIC, {"input_audio": 1000, "output_audio": 2000}, "0.027"
    ),
    # 500 × 3 / 10^6: cached audio without a cache price
    case("cached audio as plain audio", SONIC, {"cache_read_audio": 500}, "0.0015"),
    # 200 × 0.6 + 1,500 × 12 = 120 + 18,000
    case("text to speech", MINI_TTS, {"input": 200, "output_audio": 1500}, "0.01812"),
    # 120 × 0.00025
    case("speech by the second", MINI_TTS, {"output_audio_seconds": 120}, "0.03"),
    # 1,234 × 15 / 10^6
    case("speech by the character", TTS, {"input_characters": 1234}, "0.01851"),
    # 61.5 × 0.0001
    case("61.5 seconds", WHISPER, {"input_audio_seconds": 61.5}, "0.00615"),
    # 3,600 × 0.00007167
    case("an hour by the second", NOVA_3, {"input_audio_seconds": 3600}, "0.258012"),
    # 3,600 × 0.111 / 3,600
    case("an hour by the hour", WHISPER_LARGE, {"input_audio_seconds": 3600}, "0.111"),
    # 1,234.5 × 0.111 / 3,600 = 137.0295 / 3,600
    case(
        "a part of an hour",
        WHISPER_LARGE,
        {"input_audio_seconds": 1234.5},
        "0.03806375",
    ),
    # 90 × 4.8 / 3,600 = 432 / 3,600
    case("90 seconds by the hour", GROK_VOICE, {"input_audio_seconds": 90}, "0.12"),
    # 90 × 3 / 3,600 = 270 / 3,600: the price before 5 August
    case(
        "90 seconds before the price rose",
        GROK_VOICE,
        {"input_audio_seconds": 90},
        "0.075",
        at="2026-08-04",
    ),
    # 4.8 / 3,600 = 1 / 750 has no end: 50 digits of it
    case(
        "a second of an hour's price",
        GROK_VOICE,
        {"input_audio_seconds": 1},
        "0.001" + "3" * 49,
    ),
    # 3 × 0.004
    case("text messages", GROK_VOICE, {"messages": 3}, "0.012"),
]

IMAGES = [
    # 50 × 5 + 323 × 10 + 1,056 × 40 = 250 + 3,230 + 42,240
    case(
        "an image by its tokens",
        GPT_IMAGE,
        {"input": 50, "input_image": 323, "output_image": 1056},
        "0.04572",
        lines="input=0.00025 input_image=0.00323 output_image=0.04224",
    ),
    # 1,000 × 2.5 / 10^6
    case("cached image tokens", GPT_IMAGE, {"cache_read_image": 1000}, "0.0025"),
    # 1,000 × 2.5 + 1,000 × 5 + 1,000 × 0.63 = 2,500 + 5,000 + 630
    case(
        "image tokens in batch",
        GPT_IMAGE,
        {"input": 1000, "input_image": 1000, "cache_read": 1000},
        "0.00813",
        service_tier="batch",
    ),
    case(
        "an image that batch does not list",
        GPT_IMAGE,
        {"output_image": 1056},
        None,
        unpriced=("output_image",),
        service_tier="batch",
    ),
    # 1 × 0.08
    case("one image", NANO_BANANA, {"output_images": 1}, "0.08"),
    # 3 × 0.12
    case("images in 2k", NANO_BANANA, {"output_images": 3}, "0.36", resolution="2k"),
    # 1 × 0.06
    case(
        "an image in 0.5k", NANO_BANANA, {"output_images": 1}, "0.06", resolution="0.5k"
    ),
    case(
        "an image in 8k",
        NANO_BANANA,
        {"output_images": 1},
        None,
        unpriced=("output_images",),
        resolution="8k",
    ),
    # 1,024 × 1,024 = 1,048,576 pixels × 0.0839233
    # = 83,886.08 (× 0.08) + 4,089.4464 (× 0.0039) + 24.4318208 (× 0.0000233)
    case(
        "pixels of an hd image",
        DALL_E,
        {"output_pixels": 1_048_576},
        "0.0879999582208",
        size="1024x1024",
        quality="hd",
    ),
    # 1,048,576 × 0.0419617
    # = 41,943.04 (× 0.04) + 1,992.2944 (× 0.0019) + 64.6971392 (× 0.0000617)
    case(
        "pixels of a standard image",
        DALL_E,
        {"output_pixels": 1_048_576},
        "0.0440000315392",
        size="1024x1024",
        quality="standard",
    ),
    # 1,792 × 1,024 = 1,835,008 pixels × 0.0719343
    # = 128,450.56 (× 0.07) + 3,486.5152 (× 0.0019) + 62.9407744 (× 0.0000343)
    case(
        "pixels of a wide hd image",
        DALL_E,
        {"output_pixels": 1_835_008},
        "0.1320000159744",
        size="1792x1024",
        quality="hd",
    ),
    case(
        "a size without its quality",
        DALL_E,
        {"output_pixels": 1_048_576},
        None,
        unpriced=("output_pixels",),
        size="1024x1024",
    ),
    case(
        "pixels of an unlisted size",
        DALL_E,
        {"output_pixels": 262_144},
        None,
        unpriced=("output_pixels",),
        size="512x512",
        quality="hd",
    ),
    # 4 × 0.06
    case(
        "size and steps",
        CANVAS,
        {"output_images": 4},
        "0.24",
        size="1024x1024",
        steps="50",
    ),
    # 2 × 0.06
    case("neither size nor steps", CANVAS, {"output_images": 2}, "0.12"),
    # 1 × 0.08: standard quality is the usual one
    case(
        "a size of standard quality",
        SIZED,
        {"output_images": 1},
        "0.08",
        size="1024x1792",
        quality="standard",
    ),
    # 2 × 0.12
    case(
        "a size of high quality",
        SIZED,
        {"output_images": 2},
        "0.24",
        size="1024x1792",
        quality="hd",
    ),
]

VIDEO_AND_DOCUMENTS = [
    # 8 × 0.4
    case("8 seconds", VEO, {"output_video_seconds": 8}, "3.2"),
    # 8 × 0.6
    case("8 seconds in 4k", VEO, {"output_video_seconds": 8}, "4.8", resolution="4k"),
    # 5 × 0.041256
    case(
        "5 seconds in 480p",
        WAN,
        {"output_video_seconds": 5},
        "0.20628",
        resolution="480p",
    ),
    # 5 × 0.082513
    case(
        "5 seconds in 720p",
        WAN,
        {"output_video_seconds": 5},
        "0.412565",
        resolution="720p",
    ),
    # 7.5 × 0.165025
    case(
        "7.5 seconds in 1080p",
        WAN,
        {"output_video_seconds": 7.5},
        "1.2376875",
        resolution="1080p",
    ),
    case(
        "a resolution that is not listed",
        WAN,
        {"output_video_seconds": 5},
        None,
        unpriced=("output_video_seconds",),
        resolution="360p",
    ),
    # 12 × 0.3
    case("12 seconds", SORA, {"output_video_seconds": 12}, "3.6"),
    # 12 × 0.004 + 3 × 0.005 = 0.048 + 0.015
    case("pages, some annotated", OCR, {"pages": 12, "annotated_pages": 3}, "0.063"),
    # 12 × 0.002 + 3 × 0.0025 = 0.024 + 0.0075
    case(
        "pages in batch",
        OCR,
        {"pages": 12, "annotated_pages": 3},
        "0.0315",
        service_tier="batch",
    ),
    # 500 × 0.2 / 10^6 + 3 × 0.0001 + 16 × 0.0005 = 0.0001 + 0.0003 + 0.008
    case(
        "characters, images and video of an embedding",
        MULTIMODAL,
        {"input_characters": 500, "input_images": 3, "input_video_seconds": 16},
        "0.0084",
    ),
    # 12.34 × 0.000725
    case("seconds of computing", COMPUTE, {"seconds": 12.34}, "0.0089465"),
]
