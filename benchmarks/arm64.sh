#!/usr/bin/env bash
# Test the bundled models on emulated 64-bit Arm: `scorp-gen check` with both backends on the processors of
# Raspberry Pi 3, 5 and 4, and with --tests the runtime's tests on the last.
# As root on Debian or Ubuntu, with Python 3.11 and `apt-get install qemu-user-static debootstrap`.
# --tests needs the kernel's binfmt_misc, through which qemu also runs the processes that tests start.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

place=$(mktemp --directory)
trap 'rm -rf --one-file-system "$place"' EXIT
root=$place/root

# Debian's Python for Arm: packages are unpacked but not configured, which works on any processor.
debootstrap --foreign --arch=arm64 --variant=minbase --include=python3 bookworm "$root"
for package in "$root"/var/cache/apt/archives/*.deb; do dpkg-deb --extract "$package" "$root"; done
cp "$(command -v qemu-aarch64-static)" "$root/usr/bin/"

# This checkout as a wheel, and the Arm wheels of its dependencies.
mkdir "$place/source"
cp --recursive pyproject.toml MANIFEST.in README.md LICENSE exported scorp_runtime "$place/source/"
python3 -m pip wheel --no-deps --wheel-dir "$place" "$place/source"
extras=()
if [[ ${1-} == --tests ]]; then extras=(pytest hypothesis onnx pyarrow datasets webdataset pycocotools); fi
python3 -m pip install --target "$root/opt/site" --python-version 3.11 --only-binary=:all: \
    --platform manylinux_2_28_aarch64 --platform manylinux_2_27_aarch64 --platform manylinux2014_aarch64 \
    "$place"/scorp_runtime-*.whl "${extras[@]}"

# onnxruntime reads the processor from these files; they must name the emulated one, not the host's.
mkdir --parents "$root/proc" "$root/sys/devices/system/cpu"
for file in present possible; do echo 0 > "$root/sys/devices/system/cpu/$file"; done
become() {
    export QEMU_CPU=$1
    printf '%s\t: %s\n' processor 0 Features 'fp asimd evtstrm crc32 cpuid' 'CPU implementer' 0x41 \
        'CPU architecture' 8 'CPU variant' 0x0 'CPU part' "$2" 'CPU revision' 3 > "$root/proc/cpuinfo"
}
# Background processes of a shell ignore interrupts, which some tests send.
arm() {
    env --default-signal=INT,QUIT \
        chroot "$root" /usr/bin/qemu-aarch64-static -E PYTHONPATH=/opt/site /usr/bin/python3.11 "$@"
}

for processor in 'cortex-a53 0xd03' 'cortex-a76 0xd0b' 'cortex-a72 0xd08'; do
    become $processor
    echo "on ${processor% *}:"
    for model in digits letters; do
        for backend in onnxruntime numpy; do arm -m scorp_runtime check --model "$model" --backend "$backend"; done
    done
done

# Skipped: torch, whose Arm wheels need CUDA packages, and clusters of Dask and Ray.
if [[ ${1-} == --tests ]]; then
    cp --recursive tests pyproject.toml "$root/opt/"
    cp "$root/proc/cpuinfo" "$place/"
    mount --bind --make-private /proc "$root/proc" && mount --rbind --make-rprivate /dev "$root/dev"
    trap 'umount --recursive --lazy "$root/proc" "$root/dev"; rm -rf --one-file-system "$place"' EXIT
    mount --bind "$place/cpuinfo" "$root/proc/cpuinfo"
    arm -m pytest -p no:cacheprovider --rootdir /opt \
        --ignore-glob '*/test_torch*.py' --ignore-glob '*/test_engines.py' /opt/tests/runtime
fi
