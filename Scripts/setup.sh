# What the two commands need, and how to get it. Sourced by `run` and `test`.

# Installs Debian packages, or says in a sentence why it can't.
install() {
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "$1 is missing and there is no apt-get here: install it with your system's packages" >&2
        exit 1
    fi
    root=
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null 2>&1; then
            echo "$1 is missing: run 'apt-get install $1' as root" >&2
            exit 1
        fi
        root=sudo
    fi
    echo "installing $1" >&2
    if ! { $root apt-get install -y -qq "$1" || { $root apt-get update -qq && $root apt-get install -y -qq "$1"; }; } \
        >/dev/null 2>&1; then
        echo "apt-get could not install $1: try 'apt-get install $1' by hand to see why" >&2
        exit 1
    fi
}

need_swift() {
    if ! command -v swift >/dev/null 2>&1; then
        echo "Swift is missing: install Swift 6.2 or newer from https://www.swift.org/install, then try again" >&2
        exit 1
    fi
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | head -n 1)
    major=${version% *}
    minor=${version#* }
    if [ -z "$version" ] || [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 2 ]; }; then
        echo "Swift 6.2 or newer is needed, and this is ${version:-an unknown version}: see https://www.swift.org/install" >&2
        exit 1
    fi
}

need_zstd() {
    if ! { command -v pkg-config >/dev/null 2>&1 && pkg-config --exists libzstd; } \
        && ! echo '#include <zstd.h>' | clang -E -x c - >/dev/null 2>&1 \
        && ! [ -e /usr/include/zstd.h ]; then
        install libzstd-dev
    fi
}

# The name that pkg-config has for a library, a header, and the package that brings both.
need_library() {
    if ! { command -v pkg-config >/dev/null 2>&1 && pkg-config --exists "$1"; } \
        && ! [ -e "/usr/include/$2" ]; then
        install "$3"
    fi
}

# What Package.swift names as system libraries.
need_libraries() {
    need_zstd
    need_library sqlite3 sqlite3.h libsqlite3-dev
    need_library yaml-0.1 yaml.h libyaml-dev
}

# Only the second reader of the format needs it, which is written in Python; the module is Debian's, so its Python is asked too.
need_python_zstd() {
    for python in python3 /usr/bin/python3; do
        if "$python" -c 'import zstandard' >/dev/null 2>&1; then return; fi
    done
    install python3
    install python3-zstandard
}

# Reads manual pages; every Debian that has `man` has it.
need_groff() {
    command -v groff >/dev/null 2>&1 || install groff-base
}

# Counts instructions and allocations for Scripts/budgets; `strip`, which belongs to every linker, makes programs that it can read.
need_valgrind() {
    command -v valgrind >/dev/null 2>&1 || install valgrind
    command -v strip >/dev/null 2>&1 || install binutils
    command -v python3 >/dev/null 2>&1 || install python3
}
