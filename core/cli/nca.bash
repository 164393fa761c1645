# SPDX-License-Identifier: MIT
#
# bash completion for nca: verbs and options come from the program itself (nca --options).

_nca()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} nca=${COMP_WORDS[0]}
    local verb='' name letter argument kind rest words='' tab=$'\t'
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$("$nca" --options 2>/dev/null) help --help --version" -- "$cur")
        return
    fi
    verb=${COMP_WORDS[1]}
    if [ "$verb" = help ]; then
        mapfile -t COMPREPLY < <(compgen -W "$("$nca" --options 2>/dev/null)" -- "$cur")
        return
    fi
    # Tabs in IFS would merge empty fields.
    while IFS=';' read -r name letter argument kind rest; do
        words+=" --$name"
        if [ "$prev" = "--$name" ] || { [ -n "$letter" ] && [ "$prev" = "-$letter" ]; }; then
            case $kind in
                choice) mapfile -t COMPREPLY < <(compgen -W "${argument//|/ }" -- "$cur"); return ;;
                file) break ;;
                flag) ;;
                *) # the words among what it reads: "cpu|opencl[:N]"
                    [[ $argument != *'|'* ]] || mapfile -t COMPREPLY < <(
                        argument=${argument//\[*\]/}
                        compgen -W "${argument//|/ }" -- "$cur")
                    return ;;
            esac
        fi
    done < <("$nca" --options "$verb" 2>/dev/null | tr "$tab" ';')
    case $cur in
        -*) mapfile -t COMPREPLY < <(compgen -W "$words --help" -- "$cur") ;;
        *)
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -f -- "$cur")
            ;;
    esac
}
complete -F _nca nca
