#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Measures the works of `nca bench` in this program, in PyTorch and in JAX, on this machine in one
# run, by turns, and prints the ratios.  Usage: tests/peers/run.sh [--rounds N] [--quick] [--gpu]
#
# --gpu: on the first OpenCL device, and the peers by CUDA.
# The peers live in a private environment, build-peers/venv (some gigabytes: the plain PyTorch
# wheel brings its CUDA libraries along); Debian's own older PyTorch is measured beside them.
# Not one of the tests.
set -eu
cd "$(dirname "$0")/../.."
me=tests/peers/run.sh
. examples/install.sh
export PATH=/usr/bin:/bin:$PATH

say "[1/4] packages"
install_missing gcc g++ libc6-dev meson ninja-build pkg-config libjansson-dev libmd-dev libpng-dev \
    python3 python3-dev python3-numpy python3-torch python3-venv

say "[2/4] private environment"
mkdir -p build-peers
peer_python=build-peers/venv/bin/python
jax=jax needed='import jax, torch'
case " $* " in *" --gpu "*)
    install_missing ocl-icd-opencl-dev
    jax='jax[cuda12]' needed='import jax, torch, jax_cuda12_plugin' ;;
esac
if ! "$peer_python" -c "$needed" 2>/dev/null; then
    rm -rf build-peers/venv
    quiet build-peers/venv.log "making an environment" python3 -m venv build-peers/venv
    quiet build-peers/pip.log "installing PyTorch and JAX" "$peer_python" -m pip install \
        --progress-bar off "$jax>=0.4.20" 'numpy>=1.24' 'torch>=2.1'
fi

say "[3/4] build"
configure build-peers/nca -Dcli=enabled -Dtests=disabled
build build-peers/nca core/cli/nca

say "[4/4] measure"
"$peer_python" tests/peers/compare.py --nca build-peers/nca/core/cli/nca \
    --json build-peers/peers.json "$@"
