import ArgumentParser

/// The script that completes words in a shell.
enum CompletionScript {
  /// The supported shells.
  enum Shell: String, CaseIterable, ExpressibleByArgument {
    case bash, zsh, fish
  }

  static func text(for shell: Shell) -> String {
    switch shell {
    case .bash: bash(Aegisctl.completionScript(for: .bash))
    case .zsh: zsh(Aegisctl.completionScript(for: .zsh))
    case .fish: fish(Aegisctl.completionScript(for: .fish))
    }
  }

  /// ArgumentParser offers nothing after `help`, here and in the other scripts.
  private static func zsh(_ script: String) -> String {
    let verbs = Aegisctl.verbs.joined(separator: " ")
    return script.replacing("'*:subcommands:'", with: "':verb:(\(verbs))'") + "\n"
  }

  private static func fish(_ script: String) -> String {
    let condition = "__aegisctl_should_offer_completions_for_positional \"aegisctl help\" -eq 1"
    let verbs = Aegisctl.verbs.joined(separator: " ")
    return script + "\ncomplete -c 'aegisctl' -n '\(condition)' -fka '\(verbs)'\n"
  }

  /// Puts a function of ours before that of ArgumentParser, which treats each element of COMP_WORDS as a word.
  private static func bash(_ script: String) -> String {
    let end = "\ncomplete -o filenames -F _aegisctl aegisctl"
    // compgen would expand the entries like words of the script.
    let script = script.replacing(
      "__aegisctl_add_completions -W \"$(__aegisctl_custom_complete",
      with: "__aegisctl_add_entries \"$(__aegisctl_custom_complete")
    let verbs = Aegisctl.verbs.joined(separator: " ")
    let helping = script.replacing(
      "\n    __aegisctl_offer_flags_options -1\n}",
      with: """

            __aegisctl_offer_flags_options 1
            [[ "${positional_number}" -eq 1 ]] &&
                __aegisctl_add_completions -W '\(verbs.replacing(" ", with: "'$'\\n''"))'
        }
        """)
    let inner = helping.replacing(
      "\n_aegisctl() {", with: "\n__aegisctl_words() {", maxReplacements: 1)
    return inner.replacing(end, with: "\n\(wholeWords)\(end)") + "\n"
  }

  private static let wholeWords = #"""
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
    """#
}
