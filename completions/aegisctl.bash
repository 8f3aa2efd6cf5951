#!/bin/bash

__aegisctl_cursor_index_in_current_word() {
    local remaining="${COMP_LINE}"

    local word
    for word in "${COMP_WORDS[@]::COMP_CWORD}"; do
        remaining="${remaining##*([[:space:]])"${word}"*([[:space:]])}"
    done

    local -ir index="$((COMP_POINT - ${#COMP_LINE} + ${#remaining}))"
    if [[ "${index}" -le 0 ]]; then
        printf 0
    else
        printf %s "${index}"
    fi
}

# positional arguments:
#
# - 1: the current (sub)command's count of positional arguments
#
# required variables:
#
# - repeating_flags: the repeating flags that the current (sub)command can accept
# - non_repeating_flags: the non-repeating flags that the current (sub)command can accept
# - repeating_options: the repeating options that the current (sub)command can accept
# - non_repeating_options: the non-repeating options that the current (sub)command can accept
# - positional_number: value ignored
# - unparsed_words: unparsed words from the current command line
#
# modified variables:
#
# - non_repeating_flags: remove flags for this (sub)command that are already on the command line
# - non_repeating_options: remove options for this (sub)command that are already on the command line
# - positional_number: set to the current positional number
# - unparsed_words: remove all flags, options, and option values for this (sub)command
__aegisctl_offer_flags_options() {
    local -ir positional_count="${1}"
    positional_number=0

    local was_flag_option_terminator_seen=false
    local is_parsing_option_value=false

    local -ar unparsed_word_indices=("${!unparsed_words[@]}")
    local -i word_index
    for word_index in "${unparsed_word_indices[@]}"; do
        if "${is_parsing_option_value}"; then
            # This word is an option value:
            # Reset marker for next word iff not currently the last word
            [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]] && is_parsing_option_value=false
            unset "unparsed_words[${word_index}]"
            # Do not process this word as a flag or an option
            continue
        fi

        local word="${unparsed_words["${word_index}"]}"
        if ! "${was_flag_option_terminator_seen}"; then
            case "${word}" in
            --)
                unset "unparsed_words[${word_index}]"
                # by itself -- is a flag/option terminator, but if it is the last word, it is the start of a completion
                if [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]]; then
                    was_flag_option_terminator_seen=true
                fi
                continue
                ;;
            -*)
                # ${word} is a flag or an option
                # If ${word} is an option, mark that the next word to be parsed is an option value
                local option
                for option in "${repeating_options[@]}" "${non_repeating_options[@]}"; do
                    [[ "${word}" = "${option}" ]] && is_parsing_option_value=true && break
                done

                # Remove ${word} from ${non_repeating_flags} or ${non_repeating_options} so it isn't offered again
                local not_found=true
                local -i index
                for index in "${!non_repeating_flags[@]}"; do
                    if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                        unset "non_repeating_flags[${index}]"
                        non_repeating_flags=("${non_repeating_flags[@]}")
                        not_found=false
                        break
                    fi
                done
                if "${not_found}"; then
                    for index in "${!non_repeating_flags[@]}"; do
                        if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                            unset "non_repeating_flags[${index}]"
                            non_repeating_flags=("${non_repeating_flags[@]}")
                            break
                        fi
                    done
                fi
                unset "unparsed_words[${word_index}]"
                continue
                ;;
            esac
        fi

        # ${word} is neither a flag, nor an option, nor an option value
        if [[ "${positional_number}" -lt "${positional_count}" || "${positional_count}" -lt 0 ]]; then
            # ${word} is a positional
            ((positional_number++))
            unset "unparsed_words[${word_index}]"
        else
            if [[ -z "${word}" ]]; then
                # Could be completing a flag, option, or subcommand
                positional_number=-1
            else
                # ${word} is a subcommand or invalid, so stop processing this (sub)command
                positional_number=-2
            fi
            break
        fi
    done

    unparsed_words=("${unparsed_words[@]}")

    if\
        ! "${was_flag_option_terminator_seen}"\
        && ! "${is_parsing_option_value}"\
        && [[ ("${cur}" = -* && "${positional_number}" -ge 0) || "${positional_number}" -eq -1 ]]
    then
        COMPREPLY+=($(compgen -W "${repeating_flags[*]} ${non_repeating_flags[*]} ${repeating_options[*]} ${non_repeating_options[*]}" -- "${cur}"))
    fi
}

__aegisctl_add_completions() {
    local completion
    while IFS='' read -r completion; do
        COMPREPLY+=("${completion}")
    done < <(IFS=$'\n' compgen "${@}" -- "${cur}")
}

__aegisctl_custom_complete() {
    if [[ -n "${cur}" || -z ${COMP_WORDS[${COMP_CWORD}]} || "${COMP_LINE:${COMP_POINT}:1}" != ' ' ]]; then
        local -ar words=("${COMP_WORDS[@]}")
    else
        local -ar words=("${COMP_WORDS[@]::${COMP_CWORD}}" '' "${COMP_WORDS[@]:${COMP_CWORD}}")
    fi

    "${COMP_WORDS[0]}" "${@}" "${words[@]}"
}

__aegisctl_words() {
    local state
    state="$(shopt -p;shopt -po)"
    trap "${state//$'\n'/;}" RETURN
    shopt -s extglob
    set +o history +o posix

    local -xr SAP_SHELL=bash
    local -x SAP_SHELL_VERSION
    SAP_SHELL_VERSION="$(IFS='.';printf %s "${BASH_VERSINFO[*]}")"
    local -r SAP_SHELL_VERSION

    local -r cur="${2}"
    local -r prev="${3}"

    local -i positional_number
    local -a unparsed_words=("${COMP_WORDS[@]:1:${COMP_CWORD}}")

    local -a repeating_flags=()
    local -a non_repeating_flags=(--verbose -v --quiet -q --version -h --help)
    local -a repeating_options=()
    local -a non_repeating_options=(--pin-root --output -o --timeout)
    __aegisctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--timeout')
        return
        ;;
    esac

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    load|attach|detach|unload|tune|demo|set-default|set-rate|allow-key|drop-ip|set-rule|set-mode|set-list|feed|set-class|set-geo|apply|diff|switch|confirm|rollback|set-hook|set-relay|relay-user|relay-token|status|stats|events|why|replay|latency|dump|metrics|test|lint|doctor|repair|completion|help)
        # Offer subcommand argument completions
        "_aegisctl_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'load attach detach unload tune demo set-default set-rate allow-key drop-ip set-rule set-mode set-list feed set-class set-geo apply diff switch confirm rollback set-hook set-relay relay-user relay-token status stats events why replay latency dump metrics test lint doctor repair completion help' -- "${cur}"))
        ;;
    esac
}

_aegisctl_load() {
    repeating_flags=()
    non_repeating_flags=(--replace --rollback --dry-run --quiet -q --verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--max-drops --max-keys --max-sources --max-users --message -m --timeout --output -o --pin-root)
    __aegisctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--max-drops')
        return
        ;;
    '--max-keys')
        return
        ;;
    '--max-sources')
        return
        ;;
    '--max-users')
        return
        ;;
    '--message'|'-m')
        return
        ;;
    '--timeout')
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac
}

_aegisctl_attach() {
    repeating_flags=()
    non_repeating_flags=(--follow-link --force --dry-run --quiet -q --verbose -v --version -h --help)
    repeating_options=(--file -f --guard)
    non_repeating_options=(--mode --direction --profile --wire --trust --if-detached --confirm-within --message -m --timeout --output -o --pin-root)
    __aegisctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--file'|'-f')
        __aegisctl_add_completions -f
        return
        ;;
    '--mode')
        __aegisctl_add_completions -W 'auto'$'\n''native'$'\n''generic'$'\n''offload'$'\n''tc'
        return
        ;;
    '--direction')
        __aegisctl_add_completions -W 'in'$'\n''out'$'\n''both'
        return
        ;;
    '--profile')
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion attach -- --profile "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    '--wire')
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion attach -- --wire "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    '--trust')
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion attach -- --trust "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    '--if-detached')
        __aegisctl_add_completions -W 'open'$'\n''closed'
        return
        ;;
    '--confirm-within')
        return
        ;;
    '--guard')
        return
        ;;
    '--message'|'-m')
        return
        ;;
    '--timeout')
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion attach -- positional@0 "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_aegisctl_detach() {
    repeating_flags=()
    non_repeating_flags=(--all --dry-run --quiet -q --verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--direction --message -m --timeout --output -o --pin-root)
    __aegisctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--direction')
        __aegisctl_add_completions -W 'in'$'\n''out'$'\n''both'
        return
        ;;
    '--message'|'-m')
        return
        ;;
    '--timeout')
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion detach -- positional@0 "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_aegisctl_unload() {
    repeating_flags=()
    non_repeating_flags=(--force --dry-run --quiet -q --verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--message -m --timeout --output -o --pin-root)
    __aegisctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--message'|'-m')
        return
        ;;
    '--timeout')
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac
}

_aegisctl_tune() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --quiet -q --version -h --help)
    repeating_options=()
    non_repeating_options=(--cpu --output -o)
    __aegisctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--cpu')
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion tune -- positional@0 "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_aegisctl_demo() {
    repeating_flags=()
    non_repeating_flags=(--attack --wire --relay --verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--pin-root)
    __aegisctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac
}

_aegisctl_set-default() {
    repeating_flags=()
    non_repeating_flags=(--replies --no-replies --out --force --dry-run --quiet -q --verbose -v --version -h --help)
    repeating_options=(--guard)
    non_repeating_options=(--as --confirm-within --message -m --timeout --output -o --pin-root)
    __aegisctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--as')
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion set-default -- --as "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    '--confirm-within')
        return
        ;;
    '--guard')
        return
        ;;
    '--message'|'-m')
        return
        ;;
    '--timeout')
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __aegisctl_add_completions -W 'allow'$'\n''deny'
        return
        ;;
    esac
}

_aegisctl_set-rate() {
    repeating_flags=()
    non_repeating_flags=(--total --all --monitor --reset --out --force --dry-run --quiet -q --verbose -v --version -h --help)
    repeating_options=(--guard)
    non_repeating_options=(--burst --port --from --class --algorithm --source-prefix --as --message -m --timeout --output -o --pin-root)
    __aegisctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--burst')
        return
        ;;
    '--port')
        return
        ;;
    '--from')
        return
        ;;
    '--class')
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion set-rate -- --class "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    '--algorithm')
        __aegisctl_add_completions -W 'token-bucket'$'\n''fixed-window'$'\n''per-cpu'
        return
        ;;
    '--source-prefix')
        return
        ;;
    '--as')
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion set-rate -- --as "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    '--guard')
        return
        ;;
    '--message'|'-m')
        return
        ;;
    '--timeout')
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac
}

_aegisctl_allow-key() {
    repeating_flags=()
    non_repeating_flags=(--protect --remove --out --mask --strict --skip-guarded --force --dry-run --quiet -q --verbose -v --version -h --help)
    repeating_options=(--file -f --set --guard)
    non_repeating_options=(--rate --burst --ttl --until --note --format --min-prefix --message -m --timeout --output -o --pin-root)
    __aegisctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--rate')
        return
        ;;
    '--burst')
        return
        ;;
    '--ttl')
        return
        ;;
    '--until')
        return
        ;;
    '--note')
        return
        ;;
    '--file'|'-f')
        __aegisctl_add_completions -f
        return
        ;;
    '--format')
        __aegisctl_add_completions -W 'auto'$'\n''plain'$'\n''columns'$'\n''dshield'$'\n''spamhaus'$'\n''crowdsec'$'\n''ipset'$'\n''nft'$'\n''json'
        return
        ;;
    '--set')
        return
        ;;
    '--min-prefix')
        return
        ;;
    '--guard')
        return
        ;;
    '--message'|'-m')
        return
        ;;
    '--timeout')
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion allow-key -- positional@0 "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_aegisctl_drop-ip() {
    repeating_flags=()
    non_repeating_flags=(--extend --replace-all --monitor --all-lists --remove --out --mask --strict --skip-guarded --force --dry-run --quiet -q --verbose -v --version -h --help)
    repeating_options=(--file -f --set --guard)
    non_repeating_options=(--list --ttl --until --note --format --min-prefix --message -m --timeout --output -o --pin-root)
    __aegisctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--list')
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion drop-ip -- --list "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    '--ttl')
        return
        ;;
    '--until')
        return
        ;;
    '--note')
        return
        ;;
    '--file'|'-f')
        __aegisctl_add_completions -f
        return
        ;;
    '--format')
        __aegisctl_add_completions -W 'auto'$'\n''plain'$'\n''columns'$'\n''dshield'$'\n''spamhaus'$'\n''crowdsec'$'\n''ipset'$'\n''nft'$'\n''json'
        return
        ;;
    '--set')
        return
        ;;
    '--min-prefix')
        return
        ;;
    '--guard')
        return
        ;;
    '--message'|'-m')
        return
        ;;
    '--timeout')
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion drop-ip -- positional@0 "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_aegisctl_set-rule() {
    repeating_flags=()
    non_repeating_flags=(--syn --fragment --not-syn --not-fragment --total --monitor --remove --out --force --dry-run --quiet -q --verbose -v --version -h --help)
    repeating_options=(--guard)
    non_repeating_options=(--then --from --to --protocol --port --source-port --class --tcp-flags --icmp --length --hop-limit --dscp --vlan --interface --socket --not-from --not-to --not-protocol --not-port --not-source-port --not-class --not-tcp-flags --not-icmp --not-length --not-hop-limit --not-dscp --not-vlan --not-interface --not-socket --rate --burst --algorithm --before --after --ttl --until --note --as --message -m --timeout --output -o --pin-root)
    __aegisctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--then')
        __aegisctl_add_completions -W 'drop'$'\n''allow'$'\n''limit'$'\n''hook'
        return
        ;;
    '--from')
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion set-rule -- --from "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    '--to')
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion set-rule -- --to "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    '--protocol')
        __aegisctl_add_completions -W 'icmp'$'\n''igmp'$'\n''ipip'$'\n''tcp'$'\n''udp'$'\n''ipv6'$'\n''gre'$'\n''esp'$'\n''ah'$'\n''icmpv6'$'\n''ospf'$'\n''pim'$'\n''vrrp'$'\n''l2tp'$'\n''sctp'
        return
        ;;
    '--port')
        return
        ;;
    '--source-port')
        return
        ;;
    '--class')
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion set-rule -- --class "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    '--tcp-flags')
        return
        ;;
    '--icmp')
        __aegisctl_add_completions -W 'echo-reply'$'\n''destination-unreachable'$'\n''source-quench'$'\n''redirect'$'\n''echo-request'$'\n''router-advertisement'$'\n''router-solicitation'$'\n''time-exceeded'$'\n''parameter-problem'$'\n''timestamp-request'$'\n''timestamp-reply'$'\n''info-request'$'\n''info-reply'$'\n''address-mask-request'$'\n''address-mask-reply'$'\n''packet-too-big'$'\n''mld-listener-query'$'\n''mld-listener-report'$'\n''mld-listener-done'$'\n''neighbour-solicitation'$'\n''neighbour-advertisement'$'\n''mld2-listener-report'
        return
        ;;
    '--length')
        return
        ;;
    '--hop-limit')
        return
        ;;
    '--dscp')
        return
        ;;
    '--vlan')
        return
        ;;
    '--interface')
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion set-rule -- --interface "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    '--socket')
        __aegisctl_add_completions -W 'none'$'\n''listen'$'\n''established'
        return
        ;;
    '--not-from')
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion set-rule -- --not-from "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    '--not-to')
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion set-rule -- --not-to "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    '--not-protocol')
        __aegisctl_add_completions -W 'icmp'$'\n''igmp'$'\n''ipip'$'\n''tcp'$'\n''udp'$'\n''ipv6'$'\n''gre'$'\n''esp'$'\n''ah'$'\n''icmpv6'$'\n''ospf'$'\n''pim'$'\n''vrrp'$'\n''l2tp'$'\n''sctp'
        return
        ;;
    '--not-port')
        return
        ;;
    '--not-source-port')
        return
        ;;
    '--not-class')
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion set-rule -- --not-class "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    '--not-tcp-flags')
        return
        ;;
    '--not-icmp')
        __aegisctl_add_completions -W 'echo-reply'$'\n''destination-unreachable'$'\n''source-quench'$'\n''redirect'$'\n''echo-request'$'\n''router-advertisement'$'\n''router-solicitation'$'\n''time-exceeded'$'\n''parameter-problem'$'\n''timestamp-request'$'\n''timestamp-reply'$'\n''info-request'$'\n''info-reply'$'\n''address-mask-request'$'\n''address-mask-reply'$'\n''packet-too-big'$'\n''mld-listener-query'$'\n''mld-listener-report'$'\n''mld-listener-done'$'\n''neighbour-solicitation'$'\n''neighbour-advertisement'$'\n''mld2-listener-report'
        return
        ;;
    '--not-length')
        return
        ;;
    '--not-hop-limit')
        return
        ;;
    '--not-dscp')
        return
        ;;
    '--not-vlan')
        return
        ;;
    '--not-interface')
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion set-rule -- --not-interface "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    '--not-socket')
        __aegisctl_add_completions -W 'none'$'\n''listen'$'\n''established'
        return
        ;;
    '--rate')
        return
        ;;
    '--burst')
        return
        ;;
    '--algorithm')
        __aegisctl_add_completions -W 'token-bucket'$'\n''fixed-window'$'\n''per-cpu'
        return
        ;;
    '--before')
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion set-rule -- --before "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    '--after')
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion set-rule -- --after "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    '--ttl')
        return
        ;;
    '--until')
        return
        ;;
    '--note')
        return
        ;;
    '--as')
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion set-rule -- --as "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    '--guard')
        return
        ;;
    '--message'|'-m')
        return
        ;;
    '--timeout')
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion set-rule -- positional@0 "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_aegisctl_set-mode() {
    repeating_flags=()
    non_repeating_flags=(--force --dry-run --quiet -q --verbose -v --version -h --help)
    repeating_options=(--guard)
    non_repeating_options=(--as --confirm-within --message -m --timeout --output -o --pin-root)
    __aegisctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--as')
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion set-mode -- --as "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    '--confirm-within')
        return
        ;;
    '--guard')
        return
        ;;
    '--message'|'-m')
        return
        ;;
    '--timeout')
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __aegisctl_add_completions -W 'enforce'$'\n''monitor'
        return
        ;;
    esac
}

_aegisctl_set-list() {
    repeating_flags=()
    non_repeating_flags=(--monitor --enforce --remove --force --dry-run --quiet -q --verbose -v --version -h --help)
    repeating_options=(--add --del --guard)
    non_repeating_options=(--action --direction --ttl --until --note --message -m --timeout --output -o --pin-root)
    __aegisctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--action')
        __aegisctl_add_completions -W 'drop'$'\n''none'
        return
        ;;
    '--direction')
        __aegisctl_add_completions -W 'in'$'\n''out'$'\n''both'
        return
        ;;
    '--add')
        return
        ;;
    '--del')
        return
        ;;
    '--ttl')
        return
        ;;
    '--until')
        return
        ;;
    '--note')
        return
        ;;
    '--guard')
        return
        ;;
    '--message'|'-m')
        return
        ;;
    '--timeout')
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion set-list -- positional@0 "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_aegisctl_feed() {
    repeating_flags=()
    non_repeating_flags=(--mask --strict --skip-guarded --stream --monitor --force --dry-run --quiet -q --verbose -v --version -h --help)
    repeating_options=(--file -f --set --except --guard)
    non_repeating_options=(--format --min-prefix --ttl --max --max-cut --message -m --timeout --output -o --pin-root)
    __aegisctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--file'|'-f')
        __aegisctl_add_completions -f
        return
        ;;
    '--format')
        __aegisctl_add_completions -W 'auto'$'\n''plain'$'\n''columns'$'\n''dshield'$'\n''spamhaus'$'\n''crowdsec'$'\n''ipset'$'\n''nft'$'\n''json'
        return
        ;;
    '--set')
        return
        ;;
    '--min-prefix')
        return
        ;;
    '--ttl')
        return
        ;;
    '--max')
        return
        ;;
    '--max-cut')
        return
        ;;
    '--except')
        __aegisctl_add_completions -f
        return
        ;;
    '--guard')
        return
        ;;
    '--message'|'-m')
        return
        ;;
    '--timeout')
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion feed -- positional@0 "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_aegisctl_set-class() {
    repeating_flags=()
    non_repeating_flags=(--remove --force --dry-run --quiet -q --verbose -v --version -h --help)
    repeating_options=(--country --prefix --guard)
    non_repeating_options=(--message -m --timeout --output -o --pin-root)
    __aegisctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--country')
        return
        ;;
    '--prefix')
        return
        ;;
    '--guard')
        return
        ;;
    '--message'|'-m')
        return
        ;;
    '--timeout')
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion set-class -- positional@0 "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_aegisctl_set-geo() {
    repeating_flags=()
    non_repeating_flags=(--allow-shrink --remove --force --dry-run --quiet -q --verbose -v --version -h --help)
    repeating_options=(--guard)
    non_repeating_options=(--message -m --timeout --output -o --pin-root)
    __aegisctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--guard')
        return
        ;;
    '--message'|'-m')
        return
        ;;
    '--timeout')
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __aegisctl_add_completions -f
        return
        ;;
    esac
}

_aegisctl_apply() {
    repeating_flags=()
    non_repeating_flags=(--prune --schema --replace --at-boot --force --dry-run --quiet -q --verbose -v --version -h --help)
    repeating_options=(--file -f --guard)
    non_repeating_options=(--as --restore --confirm-within --message -m --timeout --output -o --pin-root)
    __aegisctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--file'|'-f')
        __aegisctl_add_completions -f
        return
        ;;
    '--as')
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion apply -- --as "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    '--restore')
        __aegisctl_add_completions -f
        return
        ;;
    '--confirm-within')
        return
        ;;
    '--guard')
        return
        ;;
    '--message'|'-m')
        return
        ;;
    '--timeout')
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac
}

_aegisctl_diff() {
    repeating_flags=()
    non_repeating_flags=(--prune --quiet -q --verbose -v --version -h --help)
    repeating_options=(--file -f)
    non_repeating_options=(--as --output -o --pin-root)
    __aegisctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--file'|'-f')
        __aegisctl_add_completions -f
        return
        ;;
    '--as')
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion diff -- --as "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac
}

_aegisctl_switch() {
    repeating_flags=()
    non_repeating_flags=(--remove --force --dry-run --quiet -q --verbose -v --version -h --help)
    repeating_options=(--guard)
    non_repeating_options=(--for --when --confirm-within --message -m --timeout --output -o --pin-root)
    __aegisctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--for')
        return
        ;;
    '--when')
        return
        ;;
    '--confirm-within')
        return
        ;;
    '--guard')
        return
        ;;
    '--message'|'-m')
        return
        ;;
    '--timeout')
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion switch -- positional@0 "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_aegisctl_confirm() {
    repeating_flags=()
    non_repeating_flags=(--force --dry-run --quiet -q --verbose -v --version -h --help)
    repeating_options=(--guard)
    non_repeating_options=(--message -m --timeout --output -o --pin-root)
    __aegisctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--guard')
        return
        ;;
    '--message'|'-m')
        return
        ;;
    '--timeout')
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac
}

_aegisctl_rollback() {
    repeating_flags=()
    non_repeating_flags=(--force --dry-run --quiet -q --verbose -v --version -h --help)
    repeating_options=(--guard)
    non_repeating_options=(--message -m --timeout --output -o --pin-root)
    __aegisctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--guard')
        return
        ;;
    '--message'|'-m')
        return
        ;;
    '--timeout')
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac
}

_aegisctl_set-hook() {
    repeating_flags=()
    non_repeating_flags=(--remove --force --dry-run --quiet -q --verbose -v --version -h --help)
    repeating_options=(--guard)
    non_repeating_options=(--program --on-missing --packet --message -m --timeout --output -o --pin-root)
    __aegisctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--program')
        return
        ;;
    '--on-missing')
        __aegisctl_add_completions -W 'pass'$'\n''drop'
        return
        ;;
    '--packet')
        __aegisctl_add_completions -o plusdirs -fX '!*.@(pcap|pcapng|cap)'
        return
        ;;
    '--guard')
        return
        ;;
    '--message'|'-m')
        return
        ;;
    '--timeout')
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __aegisctl_add_completions -o plusdirs -fX '!*.@(o)'
        return
        ;;
    esac
}

_aegisctl_set-relay() {
    repeating_flags=()
    non_repeating_flags=(--off --dry-run --quiet -q --verbose -v --version -h --help)
    repeating_options=(--listen --forward)
    non_repeating_options=(--port-range --key-file --message -m --timeout --output -o --pin-root)
    __aegisctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--listen')
        return
        ;;
    '--port-range')
        return
        ;;
    '--key-file')
        __aegisctl_add_completions -f
        return
        ;;
    '--forward')
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion set-relay -- --forward "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    '--message'|'-m')
        return
        ;;
    '--timeout')
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac
}

_aegisctl_relay-user() {
    repeating_flags=()
    non_repeating_flags=(--replace-all --remove --dry-run --quiet -q --verbose -v --version -h --help)
    repeating_options=(--file -f)
    non_repeating_options=(--to --rate --burst --ttl --until --message -m --timeout --output -o --pin-root)
    __aegisctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--to')
        return
        ;;
    '--rate')
        return
        ;;
    '--burst')
        return
        ;;
    '--ttl')
        return
        ;;
    '--until')
        return
        ;;
    '--file'|'-f')
        __aegisctl_add_completions -f
        return
        ;;
    '--message'|'-m')
        return
        ;;
    '--timeout')
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion relay-user -- positional@0 "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_aegisctl_relay-token() {
    repeating_flags=()
    non_repeating_flags=(--quiet -q --verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--ttl --output -o --pin-root)
    __aegisctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--ttl')
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion relay-token -- positional@0 "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_aegisctl_status() {
    repeating_flags=()
    non_repeating_flags=(--quiet -q --verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--output -o --pin-root)
    __aegisctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac
}

_aegisctl_stats() {
    repeating_flags=()
    non_repeating_flags=(--watch -w --since-boot --suggest-rate --quiet -q --verbose -v --version -h --help)
    repeating_options=(--fail-if --warn-if)
    non_repeating_options=(--by --interval --count --top --output -o --textfile --pin-root)
    __aegisctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--by')
        __aegisctl_add_completions -W 'interface'$'\n''list'$'\n''class'$'\n''rule'$'\n''user'
        return
        ;;
    '--interval')
        return
        ;;
    '--count')
        return
        ;;
    '--top')
        return
        ;;
    '--fail-if')
        return
        ;;
    '--warn-if')
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'$'\n''prometheus'
        return
        ;;
    '--textfile')
        __aegisctl_add_completions -o plusdirs -fX '!*.@(prom)'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion stats -- positional@0 "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_aegisctl_events() {
    repeating_flags=()
    non_repeating_flags=(--drops --quiet -q --verbose -v --version -h --help)
    repeating_options=(--reason)
    non_repeating_options=(--source --direction --class --rate --sample --for --count --timeout --pcap --output -o --pin-root)
    __aegisctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--reason')
        __aegisctl_add_completions -W 'pass'$'\n''drop'$'\n''reply'$'\n''pass.default'$'\n''pass.protected'$'\n''pass.key'$'\n''pass.arp'$'\n''pass.neighbour'$'\n''pass.link-control'$'\n''pass.packet-too-big'$'\n''pass.fragment'$'\n''pass.not-ip'$'\n''pass.unconfigured'$'\n''pass.unconfirmed'$'\n''pass.monitored'$'\n''drop.host'$'\n''drop.prefix'$'\n''drop.rate'$'\n''drop.default'$'\n''drop.malformed'$'\n''drop.extension-headers'$'\n''drop.fragment'$'\n''drop.not-ip'$'\n''drop.vlan-tags'$'\n''pass.trusted'$'\n''drop.too-big'$'\n''drop.wire-down'$'\n''pass.reply'$'\n''pass.relay'$'\n''drop.relay-token'$'\n''drop.relay-expired'$'\n''drop.relay-replay'$'\n''drop.relay-unknown'$'\n''drop.relay-rate'$'\n''drop.relay-unroutable'$'\n''drop.relay-ttl'$'\n''drop.relay-fragment'$'\n''pass.rule'$'\n''drop.rule'$'\n''pass.hook'$'\n''drop.hook'$'\n''reply.hook'$'\n''pass.hook-missing'$'\n''drop.hook-missing'
        return
        ;;
    '--source')
        return
        ;;
    '--direction')
        __aegisctl_add_completions -W 'in'$'\n''out'
        return
        ;;
    '--class')
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion events -- --class "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    '--rate')
        return
        ;;
    '--sample')
        return
        ;;
    '--for')
        return
        ;;
    '--count')
        return
        ;;
    '--timeout')
        return
        ;;
    '--pcap')
        __aegisctl_add_completions -o plusdirs -fX '!*.@(pcapng)'
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion events -- positional@0 "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_aegisctl_why() {
    repeating_flags=()
    non_repeating_flags=(--out --reply --quiet -q --verbose -v --version -h --help)
    repeating_options=(--file -f)
    non_repeating_options=(--packet --number --length --tcp-flags --icmp --hop-limit --dscp --vlan --fragment --socket --interface -i --class --as --output -o --pin-root)
    __aegisctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--packet')
        __aegisctl_add_completions -o plusdirs -fX '!*.@(pcap|pcapng|cap)'
        return
        ;;
    '--number')
        return
        ;;
    '--length')
        return
        ;;
    '--tcp-flags')
        return
        ;;
    '--icmp')
        return
        ;;
    '--hop-limit')
        return
        ;;
    '--dscp')
        return
        ;;
    '--vlan')
        return
        ;;
    '--fragment')
        return
        ;;
    '--socket')
        __aegisctl_add_completions -W 'none'$'\n''listen'$'\n''established'
        return
        ;;
    '--interface'|'-i')
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion why -- --interface "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    '--class')
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion why -- --class "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    '--as')
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion why -- --as "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    '--file'|'-f')
        __aegisctl_add_completions -f
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac
}

_aegisctl_replay() {
    repeating_flags=()
    non_repeating_flags=(--out --quiet -q --verbose -v --version -h --help)
    repeating_options=(--file -f)
    non_repeating_options=(--speed --filter --top --output -o --pin-root)
    __aegisctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--speed')
        return
        ;;
    '--filter')
        return
        ;;
    '--top')
        return
        ;;
    '--file'|'-f')
        __aegisctl_add_completions -f
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __aegisctl_add_completions -o plusdirs -fX '!*.@(pcap|pcapng|cap)'
        return
        ;;
    esac
}

_aegisctl_latency() {
    repeating_flags=()
    non_repeating_flags=(--quiet -q --verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--for --svg --timeout --output -o --pin-root)
    __aegisctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--for')
        return
        ;;
    '--svg')
        __aegisctl_add_completions -o plusdirs -fX '!*.@(svg)'
        return
        ;;
    '--timeout')
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion latency -- positional@0 "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_aegisctl_dump() {
    repeating_flags=()
    non_repeating_flags=(--out --quiet -q --verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--top --list --expiring --file --as --output -o --pin-root)
    __aegisctl_offer_flags_options 2

    # Offer option value completions
    case "${prev}" in
    '--top')
        return
        ;;
    '--list')
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion dump -- --list "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    '--expiring')
        return
        ;;
    '--file')
        __aegisctl_add_completions -f
        return
        ;;
    '--as')
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion dump -- --as "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __aegisctl_add_completions -W 'drops'$'\n''keys'$'\n''rates'$'\n''rules'$'\n''classes'$'\n''lists'$'\n''offenders'$'\n''links'$'\n''users'$'\n''profiles'$'\n''all'$'\n''host'$'\n''log'
        return
        ;;
    esac
}

_aegisctl_metrics() {
    repeating_flags=()
    non_repeating_flags=(--inetd --verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--listen --timeout --pin-root)
    __aegisctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--listen')
        return
        ;;
    '--timeout')
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac
}

_aegisctl_test() {
    repeating_flags=()
    non_repeating_flags=(--quiet -q --verbose -v --version -h --help)
    repeating_options=(--cases)
    non_repeating_options=(--output -o)
    __aegisctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--cases')
        __aegisctl_add_completions -f
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'$'\n''tap'$'\n''junit'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __aegisctl_add_completions -f
        return
        ;;
    esac
}

_aegisctl_lint() {
    repeating_flags=()
    non_repeating_flags=(--quiet -q --verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--output -o)
    __aegisctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __aegisctl_add_completions -f
        return
        ;;
    esac
}

_aegisctl_doctor() {
    repeating_flags=()
    non_repeating_flags=(--quiet -q --verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--output -o --pin-root)
    __aegisctl_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __aegisctl_add_entries "$(__aegisctl_custom_complete ---completion doctor -- positional@0 "${COMP_CWORD}" "$(__aegisctl_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_aegisctl_repair() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --quiet -q --verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--message -m --timeout --output -o --pin-root)
    __aegisctl_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--message'|'-m')
        return
        ;;
    '--timeout')
        return
        ;;
    '--output'|'-o')
        __aegisctl_add_completions -W 'table'$'\n''wide'$'\n''json'$'\n''yaml'$'\n''name'
        return
        ;;
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac
}

_aegisctl_completion() {
    repeating_flags=()
    non_repeating_flags=(--verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--pin-root)
    __aegisctl_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--pin-root')
        __aegisctl_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __aegisctl_add_completions -W 'bash'$'\n''zsh'$'\n''fish'
        return
        ;;
    esac
}

_aegisctl_help() {
    repeating_flags=()
    non_repeating_flags=(--version)
    repeating_options=()
    non_repeating_options=()
    __aegisctl_offer_flags_options 1
    [[ "${positional_number}" -eq 1 ]] &&
        __aegisctl_add_completions -W 'load'$'\n''attach'$'\n''detach'$'\n''unload'$'\n''tune'$'\n''demo'$'\n''set-default'$'\n''set-rate'$'\n''allow-key'$'\n''drop-ip'$'\n''set-rule'$'\n''set-mode'$'\n''set-list'$'\n''feed'$'\n''set-class'$'\n''set-geo'$'\n''apply'$'\n''diff'$'\n''switch'$'\n''confirm'$'\n''rollback'$'\n''set-hook'$'\n''set-relay'$'\n''relay-user'$'\n''relay-token'$'\n''status'$'\n''stats'$'\n''events'$'\n''why'$'\n''replay'$'\n''latency'$'\n''dump'$'\n''metrics'$'\n''test'$'\n''lint'$'\n''doctor'$'\n''repair'$'\n''completion'
}

__aegisctl_add_entries() {
    local entry
    while IFS='' read -r entry; do
        [[ -n "${entry}" && "${entry}" = "${cur}"* ]] && COMPREPLY+=("${entry}")
    done <<<"${1}"
    # Entries are no files, but brackets are quoted as in the name of one.
    [[ "${COMPREPLY[*]}" = *\[* ]] || compopt +o filenames 2>/dev/null
}

# bash splits words at ':' and '=' (COMP_WORDBREAKS). This puts them together again, as 2001:db8::1 is one word
# to aegisctl, and leaves out of each offer what bash does not replace.
_aegisctl() {
    local -a whole=()
    local -i number current=0
    local cur='' last='' rest="${COMP_LINE}" word
    for number in "${!COMP_WORDS[@]}"; do
        word="${COMP_WORDS[number]}"
        if [[ "${#whole[@]}" -gt 0 && -n "${word}" && "${rest}" = "${word}"* ]] &&
            [[ -z "${word//[:=]/}" || -z "${last//[:=]/}" ]]; then
            whole[-1]+="${word}"
        else
            whole+=("${word}")
        fi
        if [[ "${number}" -eq "${COMP_CWORD}" ]]; then
            current="$((${#whole[@]} - 1))"
            cur="${whole[-1]}"
            # Without what follows the cursor.
            [[ -n "${2}" && "${word}" = "${2}"* ]] && cur="${cur%"${word#"${2}"}"}"
        fi
        rest="${rest#*"${word}"}"
        last="${word}"
    done
    # The value of an option is completed as if it were a word of its own.
    if [[ "${cur}" = --*=* ]]; then
        whole=("${whole[@]::current}" "${cur%%=*}" "${cur#*=}" "${whole[@]:current+1}")
        current+=1
        cur="${cur#*=}"
    fi

    local kept="${cur%"${2}"}"
    whole[current]="${whole[current]//\\/}"
    local -a COMP_WORDS=("${whole[@]}")
    local -i COMP_CWORD="${current}"
    __aegisctl_words "${1}" "${cur//\\/}" "${COMP_WORDS[COMP_CWORD - 1]}"

    if [[ "${#cur}" -gt "${#2}" ]]; then
        COMPREPLY=("${COMPREPLY[@]#"${kept//\\/}"}")
    elif [[ "${#cur}" -lt "${#2}" ]]; then
        COMPREPLY=("${COMPREPLY[@]/#/"${2%"${cur}"}"}")
    fi
}
complete -o filenames -F _aegisctl aegisctl
