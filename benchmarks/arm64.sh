#!/usr/bin/env bash
# Test the bundled model on 64-bit Arm, emulated: `scorp-gen check` with both backends, and with --tests the runtime's tests.
# As root on Debian or Ubuntu, with Python 3.11 and `apt-get install qemu-user-static debootstrap`.
# --tests needs the kernel's binfmt_misc, through which qemu also runs the processes that tests start.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

place=$(mktemp --directory)
trap 'rm -rf --one-file-system "$place"' EXIT
root=$place/root

# Debian's Python for Arm: packages unpacked, not set up, which needs no Arm.
debootstrap --foreign --arch=arm64 --variant=minbase --include=python3 bookworm "$root"
for package in "$root"/var/cache/apt/archives/*.deb; do dpkg-deb --extract "$package" "$root"; done
cp "$(command -v qemu-aarch64-static)" "$root/usr/bin/"

# This checkout as a wheel, and the Arm wheels of what it needs.
python3 -m pip wheel --no-deps --wheel-dir "$place" .
extras=()
if [[ ${1-} == --tests ]]; then extras=(pytest hypothesis onnx); fi
python3 -m pip install --target "$root/opt/site" --python-version 3.11 --only-binary=:all: \
    --platform manylinux_2_28_aarch64 --platform manylinux_2_27_aarch64 --platform manylinux2014_aarch64 \
    "$place"/scorp_runtime-*.whl "${extras[@]}"

# Without /sys, onnxruntime complains that it cannot tell the processor; the host's /sys would be that of another one.
arm() { chroot "$root" /usr/bin/qemu-aarch64-static -E PYTHONPATH=/opt/site /usr/bin/python3.11 "$@"; }
for backend in onnxruntime numpy; do arm -m scorp_runtime check --backend "$backend"; done
if [[ ${1-} == --tests ]]; then
    cp --recursive tests pyproject.toml "$root/opt/"
    mount --bind /proc "$root/proc" && mount --rbind /dev "$root/dev"
    trap 'umount "$root/proc"; umount --recursive --lazy "$root/dev"; rm -rf --one-file-system "$place"' EXIT
    arm -m pytest -p no:cacheprovider --rootdir /opt /opt/tests/runtime
fi
