# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
#
# Sourced by libavfilter.sh: the libraries that some filters need.  Those that the installed
# FFmpeg was built with are used again where their development packages are there.

# --enable-… of FFmpeg's configure; what it needs: modules of pkg-config, headers, libraries of
# the compiler or programs; the Debian packages that have it; and for what configure finds
# by itself, so that -buildconf does not tell it, a filter that tells.
libraries() {
    cat <<'END'
cairo          cairo                 libcairo2-dev              -
cuda-llvm      program:clang         clang                      scale_cuda
ffnvcodec      ffnvcodec             libffmpeg-nvenc-dev        hwupload_cuda
frei0r         frei0r.h              frei0r-plugins-dev         -
ladspa         ladspa.h              ladspa-sdk                 -
lcms2          lcms2                 liblcms2-dev               -
libass         libass                libass-dev                 -
libbs2b        libbs2b               libbs2b-dev                -
libflite       flite/flite.h         flite1-dev                 -
libfontconfig  fontconfig            libfontconfig-dev          -
libfreetype    freetype2             libfreetype-dev            -
libfribidi     fribidi               libfribidi-dev             -
libglslang     glslang/Include/glslang_c_interface.h,lib:stdc++ glslang-dev,g++ -
libharfbuzz    harfbuzz              libharfbuzz-dev            -
liblcevc-dec   lcevc_dec             liblcevc-dec-dev           -
liblensfun     lensfun               liblensfun-dev             -
libmfx         libmfx                libmfx-dev                 -
libmysofa      libmysofa             libmysofa-dev              -
libopencolorio OpenColorIO,lib:stdc++ libopencolorio-dev,g++    -
libopencv      opencv4               libopencv-dev              -
libopenvino    openvino              libopenvino-dev            -
libplacebo     libplacebo            libplacebo-dev             -
libqrencode    libqrencode           libqrencode-dev            -
libquirc       quirc.h               libquirc-dev               -
librubberband  rubberband,lib:stdc++ librubberband-dev,g++      -
libshaderc     shaderc               libshaderc-dev             -
libtesseract   tesseract             libtesseract-dev           -
libvidstab     vidstab               libvidstab-dev             -
libvmaf        libvmaf               libvmaf-dev                -
libvpl         vpl                   libvpl-dev                 -
libzimg        zimg                  libzimg-dev                -
libzmq         libzmq                libzmq3-dev                -
lv2            lilv-0                liblilv-dev                -
opencl         OpenCL                ocl-icd-opencl-dev         -
pocketsphinx   pocketsphinx          libpocketsphinx-dev        -
vaapi          libva                 libva-dev                  deinterlace_vaapi
vulkan         vulkan                libvulkan-dev              scale_vulkan
whisper        whisper               libwhisper-dev             -
END
}

# has ITEM of the second column
has() {
    case $1 in
    *.h) echo "#include <$1>" | "${cc[@]}" -E -x c - >/dev/null 2>&1 ;;
    lib:*) [ "$("${cc[@]}" -print-file-name="lib${1#lib:}.so")" != "lib${1#lib:}.so" ] ;;
    program:*) command -v "${1#program:}" >/dev/null ;;
    *) pkg-config --exists "$1" 2>/dev/null ;;
    esac
}

# The names of all filters that FFmpeg has, in order; $1: a folder of libraries, or none.
filters() {
    LD_LIBRARY_PATH=$1${1:+:}${LD_LIBRARY_PATH-} LD_BIND_NOW=1 "$program" -hide_banner -filters |
        awk '$3 ~ /->/ { print $2 }' | sort -u
}

# Whether the installed FFmpeg has what FLAG enables, by its configuration or by FILTER.
is_installed() {
    grep -qx " *--enable-$1" "$work/buildconf" || grep -qx -e "$2" "$work/filters"
}

# lacking NEEDS PACKAGES: the packages of those needs that are not there
lacking() {
    local i needs packages
    IFS=, read -r -a needs <<<"$1"
    IFS=, read -r -a packages <<<"$2"
    for i in "${!needs[@]}"; do
        has "${needs[i]}" || echo "${packages[i]}"
    done
}

# find_libraries: sets `flags` for what is there, `wanting`, the packages of what is not, and
# `texts`, those of them that write on videos.
find_libraries() {
    local flag needs packages filter missing
    flags=()
    wanting=()
    texts=()
    while read -r flag needs packages filter; do
        is_installed "$flag" "$filter" || continue
        missing=$(lacking "$needs" "$packages")
        if [ -z "$missing" ]; then
            flags+=("--enable-$flag")
        else
            wanting+=("$missing")
            case $flag in libass | libfontconfig | libfreetype | libfribidi | libharfbuzz)
                texts+=("$missing") ;;
            esac
        fi
    done < <(libraries)
}

# drop_library: takes out of `flags` the one that configure.log complains of, as too old.
drop_library() {
    local word flag needs packages filter
    word=$(sed -n 's/^ERROR: \([^ ]*\).*/\1/p' "$work/configure.log" | tail -n 1)
    [ -n "$word" ] || return
    while read -r flag needs packages filter; do
        [[ ",$flag,${flag//-/_},$needs," == *",$word,"* ]] || continue
        [[ " ${flags[*]} " == *" --enable-$flag "* ]] || continue
        mapfile -t flags < <(printf '%s\n' "${flags[@]}" | grep -vx -e "--enable-$flag")
        dropped+=("$flag")
        return
    done < <(libraries)
    return 1
}

left_out() {
    comm -23 "$work/filters" "$work/filters.new" | tr '\n' ' ' | fold -s -w 76 | sed 's/^/    /'
    echo
    [ ${#dropped[@]} -eq 0 ] ||
        say "FFmpeg's configure does not take what is here of: ${dropped[*]}"
    [ ${#texts[@]} -eq 0 ] || printf '%s\n' "ffmpeg: for drawtext and subtitles, then build again:" \
        "    apt-get install $(printf '%s\n' "${texts[@]}" | sort -u | tr '\n' ' ')"
    [ ${#wanting[@]} -eq 0 ] || printf '%s\n' \
        "ffmpeg: for all that the installed one can:" \
        "    apt-get install $(printf '%s\n' "${wanting[@]}" | sort -u | tr '\n' ' ')"
}

# What the new library lacks, in plain words; in full when it is news.
report_filters() {
    local all lost
    all=$(wc -l <"$work/filters")
    lost=$(comm -23 "$work/filters" "$work/filters.new" | wc -l)
    if [ "$lost" -eq 0 ]; then
        say "all $all filters of $program are there, and nca and ncasrc"
        return
    fi
    left_out >"$work/left-out.new"
    if cmp -s "$work/left-out.new" "$work/left-out"; then
        say "$lost of $all filters are left out, as before: see $work/left-out"
    else
        say "$lost of $all filters are left out:"
        cat "$work/left-out.new"
    fi
    mv "$work/left-out.new" "$work/left-out"
}
