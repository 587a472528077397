#!/bin/sh
# Runs test programs in a virtual machine with Debian's cloud kernel, which has WireGuard built as a module: the one place
# where the kernel's own WireGuard is tested on machines whose kernel has none.
#
#   run.sh [--keep] [--with PROGRAM]… [--module NAME]… [--profile NAME]… PROGRAM…
#
# Each PROGRAM (with arguments: in one word, "PROGRAM ARGUMENT") runs as root, one after the other; --with adds a program that they call,
# --profile a profile of /etc/apparmor.d that is in force meanwhile. Prints what they print. Exit status: 0 all
# passed, 1 one failed or the machine did not come to its end, 77 (with the reason) when this machine cannot do it.
# The kernel package is kept in $PIC_QEMU_CACHE (default: build/qemu of the source tree).
set -eu

here=$(cd "$(dirname "$0")/../.." && pwd)
cache=${PIC_QEMU_CACHE:-$here/build/qemu}
limit=${PIC_QEMU_LIMIT:-240}

skip() {
        echo "SKIPPED: $*"
        exit 77
}

# The real package behind the name that always points at the newest one; unpacked once.
get_kernel() {
        if [ -f "$cache/version" ] && [ -f "$cache/kernel/boot/vmlinuz-$(cat "$cache/version")" ]; then
                return
        fi
        mkdir -p "$cache"
        package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/^ *Depends: *\(linux-image-[^ ]*\).*/\1/p' | head -n 1)
        [ -n "$package" ] || skip "apt knows no linux-image-cloud-amd64 (apt-get update?)"
        (cd "$cache" && apt-get download -q "$package" >download.log 2>&1) || skip "cannot download $package (see $cache/download.log)"
        rm -rf "$cache/kernel"
        dpkg -x "$cache/$package"_*.deb "$cache/kernel"
        rm -f "$cache/$package"_*.deb
        version=${package#linux-image-}
        depmod -b "$cache/kernel" "$version"
        echo "$version" >"$cache/version"
}

# A program with the libraries that it loads, at their own paths.
put_program() {
        mkdir -p "$root$2"
        cp "$1" "$root$2/"
        ldd "$1" 2>/dev/null | sed -n 's/.*=> *\(\/[^ ]*\).*/\1/p; s/^[[:space:]]*\(\/[^ ]*\).*/\1/p' | while read -r lib; do
                mkdir -p "$root$(dirname "$lib")"
                [ -e "$root$lib" ] || cp -L "$lib" "$root$lib"
        done
}

# WireGuard's modules and those that were asked for, in the order in which they load.
put_modules() {
        version=$(cat "$cache/version")
        mkdir -p "$root/modules"
        for module in wireguard $modules; do
                modprobe -d "$cache/kernel" -S "$version" --show-depends "$module" | while read -r word path; do
                        [ "$word" = insmod ] || continue
                        [ ! -e "$root/modules/$(basename "$path")" ] || continue
                        cp "$path" "$root/modules/"
                        basename "$path" >>"$root/modules/order"
                done
        done
}

# Compiled here: there is no compiler inside.
put_profiles() {
        mkdir -p "$root/profiles"
        for profile in $profiles; do
                apparmor_parser --skip-kernel-load --skip-cache --features-file /usr/share/apparmor-features/features --ofile "$root/profiles/$profile" "/etc/apparmor.d/$profile" || skip "cannot compile $profile"
        done
}

write_init() {
        {
                cat <<'INIT'
#!/bin/sh
export PATH=/bin PIC_TEST_WG=kernel
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
mount -t tmpfs run /run
ln -s /proc/self/fd /dev/fd
ln -s fd/0 /dev/stdin
for module in $(cat /modules/order); do
        insmod /modules/$module || echo "cannot load $module"
done
for profile in /profiles/*; do
        [ -e "$profile" ] || continue
        mount -t securityfs securityfs /sys/kernel/security 2>/dev/null
        cat "$profile" >/sys/kernel/security/apparmor/.load && echo "in force: ${profile##*/}"
done
echo "kernel $(uname -r), up after $(cut -d' ' -f1 /proc/uptime) s"
status=0
INIT
                for program in "$@"; do
                        name=$(basename "${program%% *}")
                        arguments=${program#"${program%% *}"}
                        echo "echo '== $name$arguments'; /test/$name$arguments || { echo \"== $name: status \$?\"; status=1; }"
                done
                cat <<'INIT'
echo "== end after $(cut -d' ' -f1 /proc/uptime) s: status $status"
poweroff -f
INIT
        } >"$root/init"
        chmod 755 "$root/init"
}

with=
modules=
profiles=
keep=
while :; do
        case ${1:-} in
        --with) with="$with $2" && shift 2 ;;
        --module) modules="$modules $2" && shift 2 ;;
        --profile) profiles="$profiles $2" && shift 2 ;;
        --keep) keep=1 && shift ;;
        *) break ;;
        esac
done
[ $# -gt 0 ] || { echo "usage: run.sh [--keep] [--with PROGRAM]... [--module NAME]... [--profile NAME]... PROGRAM..." >&2; exit 2; }

for tool in qemu-system-x86_64 busybox cpio modprobe depmod dpkg apt-get; do
        command -v $tool >/dev/null || skip "needs $tool"
done
[ "$(uname -m)" = x86_64 ] || skip "the kernel package is for x86_64"
case $(ldd "$(command -v busybox)" 2>&1) in
*"not a dynamic executable"* | *"statically linked"*) ;;
*) skip "needs the package busybox-static" ;;
esac
get_kernel

root=$(mktemp -d)
trap '[ -n "$keep" ] && echo "kept: $root" || rm -rf "$root"' EXIT
chmod 755 "$root" # others than root are in there too
mkdir -p "$root/bin" "$root/proc" "$root/sys" "$root/dev" "$root/tmp" "$root/var" "$root/run" "$root/etc" "$root/usr/bin"
cp /etc/passwd /etc/group /etc/nsswitch.conf "$root/etc/"
cp "$(command -v busybox)" "$root/bin/busybox"
for name in sh mount ln insmod uname cut cat poweroff; do
        ln -s busybox "$root/bin/$name"
done
for program in "$@"; do
        put_program "${program%% *}" /test
done
for program in $with; do
        case $program in # ours: with its libraries beside it
        /*) put_program "$program" "$(dirname "$program")" && continue ;;
        esac
        put_program "$(command -v "$program")" /usr/bin
        case $(command -v "$program") in # a profile is for a path
        /usr/sbin/*) mkdir -p "$root/usr/sbin" && cp "$root/usr/bin/$program" "$root/usr/sbin/" ;;
        esac
done
put_modules
put_profiles
write_init "$@"
(cd "$root" && find . -print0 | cpio --null --quiet -o -H newc) | gzip -1 >"$root.gz"
mv "$root.gz" "$root/ir.gz"

timeout "$limit" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 1024 -nographic -no-reboot -nic none \
        -kernel "$cache/kernel/boot/vmlinuz-$(cat "$cache/version")" -initrd "$root/ir.gz" \
        -append "console=ttyS0 quiet panic=-1" </dev/null 2>&1 | tr -d '\r' | tee "$root/log"
grep -q '^== end after .*: status 0$' "$root/log"
