function __aegisctl_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __aegisctl_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __aegisctl_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __aegisctl_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __aegisctl_parse_tokens -S
    set -l unparsed_tokens (__aegisctl_tokens -pc)
    switch $unparsed_tokens[1]
    case 'aegisctl'
        __aegisctl_parse_subcommand 0 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'load'
            __aegisctl_parse_subcommand 0 'replace' 'rollback' 'max-drops=' 'max-keys=' 'max-sources=' 'dry-run' 'timeout=' 'o/output=' 'q/quiet' 'pin-root=' 'v/verbose' 'version' 'h/help'
        case 'attach'
            __aegisctl_parse_subcommand -r 1 'm/mode=' 'confirm-within=' 'force' 'guard=+' 'dry-run' 'timeout=' 'o/output=' 'q/quiet' 'pin-root=' 'v/verbose' 'version' 'h/help'
        case 'detach'
            __aegisctl_parse_subcommand -r 1 'all' 'dry-run' 'timeout=' 'o/output=' 'q/quiet' 'pin-root=' 'v/verbose' 'version' 'h/help'
        case 'unload'
            __aegisctl_parse_subcommand 0 'force' 'dry-run' 'timeout=' 'o/output=' 'q/quiet' 'pin-root=' 'v/verbose' 'version' 'h/help'
        case 'tune'
            __aegisctl_parse_subcommand 1 'cpu=' 'dry-run' 'o/output=' 'q/quiet' 'version' 'h/help'
        case 'demo'
            __aegisctl_parse_subcommand 0 'pin-root=' 'v/verbose' 'version' 'h/help'
        case 'set-default'
            __aegisctl_parse_subcommand 1 'force' 'guard=+' 'dry-run' 'timeout=' 'o/output=' 'q/quiet' 'pin-root=' 'v/verbose' 'version' 'h/help'
        case 'set-rate'
            __aegisctl_parse_subcommand 1 'burst=' 'port=' 'from=' 'total' 'algorithm=' 'source-prefix=' 'monitor' 'reset' 'force' 'guard=+' 'dry-run' 'timeout=' 'o/output=' 'q/quiet' 'pin-root=' 'v/verbose' 'version' 'h/help'
        case 'allow-key'
            __aegisctl_parse_subcommand -r 1 'protect' 'rate=' 'burst=' 'ttl=' 'until=' 'note=' 'remove' 'f/file=' 'strict' 'force' 'guard=+' 'dry-run' 'timeout=' 'o/output=' 'q/quiet' 'pin-root=' 'v/verbose' 'version' 'h/help'
        case 'drop-ip'
            __aegisctl_parse_subcommand -r 1 'extend' 'replace-all' 'monitor' 'ttl=' 'until=' 'note=' 'remove' 'f/file=' 'strict' 'force' 'guard=+' 'dry-run' 'timeout=' 'o/output=' 'q/quiet' 'pin-root=' 'v/verbose' 'version' 'h/help'
        case 'set-mode'
            __aegisctl_parse_subcommand 1 'force' 'guard=+' 'dry-run' 'timeout=' 'o/output=' 'q/quiet' 'pin-root=' 'v/verbose' 'version' 'h/help'
        case 'apply'
            __aegisctl_parse_subcommand 0 'f/file=+' 'prune' 'schema' 'confirm-within=' 'force' 'guard=+' 'dry-run' 'timeout=' 'o/output=' 'q/quiet' 'pin-root=' 'v/verbose' 'version' 'h/help'
        case 'diff'
            __aegisctl_parse_subcommand 0 'f/file=+' 'prune' 'o/output=' 'q/quiet' 'pin-root=' 'v/verbose' 'version' 'h/help'
        case 'confirm'
            __aegisctl_parse_subcommand 0 'force' 'guard=+' 'dry-run' 'timeout=' 'o/output=' 'q/quiet' 'pin-root=' 'v/verbose' 'version' 'h/help'
        case 'rollback'
            __aegisctl_parse_subcommand 0 'force' 'guard=+' 'dry-run' 'timeout=' 'o/output=' 'q/quiet' 'pin-root=' 'v/verbose' 'version' 'h/help'
        case 'status'
            __aegisctl_parse_subcommand 0 'o/output=' 'q/quiet' 'pin-root=' 'v/verbose' 'version' 'h/help'
        case 'stats'
            __aegisctl_parse_subcommand -r 1 'w/watch' 'interval=' 'count=' 'since-boot' 'top=' 'fail-if=+' 'warn-if=+' 'suggest-rate' 'o/output=' 'textfile=' 'q/quiet' 'pin-root=' 'v/verbose' 'version' 'h/help'
        case 'dump'
            __aegisctl_parse_subcommand 1 'top=' 'expiring=' 'o/output=' 'q/quiet' 'pin-root=' 'v/verbose' 'version' 'h/help'
        case 'metrics'
            __aegisctl_parse_subcommand 0 'inetd' 'timeout=' 'pin-root=' 'v/verbose' 'version' 'h/help'
        case 'doctor'
            __aegisctl_parse_subcommand -r 1 'o/output=' 'q/quiet' 'pin-root=' 'v/verbose' 'version' 'h/help'
        case 'repair'
            __aegisctl_parse_subcommand 0 'dry-run' 'timeout=' 'o/output=' 'q/quiet' 'pin-root=' 'v/verbose' 'version' 'h/help'
        case 'help'
            __aegisctl_parse_subcommand -r 1 'version'
        end
    end
end

function __aegisctl_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __aegisctl_parse_subcommand -S -a positional_count
    argparse -s r -- $argv
    set -l option_specs $argv[2..]
    set -l is_repeating_positional $_flag_r
    set -el _flag_r
    set -a commands $unparsed_tokens[1]
    set positional_index 0
    while true
        set -e unparsed_tokens[1]
        argparse -sn "$commands" $option_specs -- $unparsed_tokens 2> /dev/null
        set unparsed_tokens $argv
        set positional_index (math $positional_index + 1)
        for non_repeating_flag_or_option in $non_repeating_flags_or_options
            if set -ql "_flag_$(string replace -a - _ -- $non_repeating_flag_or_option)"
                set non_repeating_flags_or_options_absent 1
                break
            end
        end
        test (count $unparsed_tokens) -eq 0 -o \( -z "$is_repeating_positional" -a "$positional_index" -gt "$positional_count" \) && break
    end
end

function __aegisctl_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __aegisctl_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__aegisctl_tokens -p)
    if test -z "$(__aegisctl_tokens -t)"
        set -l index (count (__aegisctl_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'aegisctl' -f
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl" version' -l 'version' -d 'Show the version.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl" -eq 1' -fa 'load' -d 'Load the datapath into the kernel and pin it.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl" -eq 1' -fa 'attach' -d 'Send the packets of an interface through the datapath.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl" -eq 1' -fa 'detach' -d 'Take the datapath off an interface.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl" -eq 1' -fa 'unload' -d 'Remove the datapath and everything it holds.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl" -eq 1' -fa 'tune' -d 'Pin an interface\'s work to chosen CPUs.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl" -eq 1' -fa 'demo' -d 'Show the tool at work in a private sandbox.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl" -eq 1' -fa 'set-default' -d 'Set what happens to a packet that no entry names.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl" -eq 1' -fa 'set-rate' -d 'Limit how much each source may send.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl" -eq 1' -fa 'allow-key' -d 'Let in packets by source, destination port and protocol.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl" -eq 1' -fa 'drop-ip' -d 'Drop the packets of an address or prefix.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl" -eq 1' -fa 'set-mode' -d 'Drop what the policy drops, or only count it.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl" -eq 1' -fa 'apply' -d 'Make the policy what a file declares.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl" -eq 1' -fa 'diff' -d 'Show what apply would change.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl" -eq 1' -fa 'confirm' -d 'Keep what was changed with --confirm-within.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl" -eq 1' -fa 'rollback' -d 'Go back to the policy before an unconfirmed apply.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl" -eq 1' -fa 'status' -d 'Show what is loaded, where it is attached and how full it is.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl" -eq 1' -fa 'stats' -d 'Show how many packets passed and were dropped, and why.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl" -eq 1' -fa 'dump' -d 'Show the entries that the kernel holds now.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl" -eq 1' -fa 'metrics' -d 'Print metrics for Prometheus, or answer one HTTP request.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl" -eq 1' -fa 'doctor' -d 'Check this host and its interfaces before attaching.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl" -eq 1' -fa 'repair' -d 'Bring back what was attached and is lost.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl load" replace' -l 'replace' -d 'Replace what is loaded, keeping its policy and counters.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl load" rollback' -l 'rollback' -d 'Return to the program before the last replacement.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl load" max-drops' -l 'max-drops' -d 'Room for drop entries: hosts, and prefixes, of each family (default: 131072).' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl load" max-keys' -l 'max-keys' -d 'Room for allow keys, and for protected ones (default: 4096).' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl load" max-sources' -l 'max-sources' -d 'Sources whose rate is tracked at once, rounded up (default: 49152).' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl load" dry-run' -l 'dry-run' -d 'Only say what would change.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl load" timeout' -l 'timeout' -d 'How long to wait for another aegisctl that is changing the same datapath.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl load" o output' -l 'output' -s 'o' -d 'How to print.' -rfka 'table wide json yaml name'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl load" q quiet' -l 'quiet' -s 'q' -d 'Print nothing unless something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl load" pin-root' -l 'pin-root' -d 'Where the datapath is pinned (default: $AEGIS_PIN_ROOT, else /sys/fs/bpf/aegis).' -rfa '(__aegisctl_complete_directories)'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl load" v verbose' -l 'verbose' -s 'v' -d 'Say more when something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl load" version' -l 'version' -d 'Show the version.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl load" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl attach" -ge 1' -fka '(__aegisctl_custom_completion ---completion attach -- positional@0 (count (__aegisctl_tokens -pc)) (__aegisctl_tokens -tC))'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl attach" m mode' -l 'mode' -s 'm' -d 'Where the program runs.' -rfka 'auto native generic offload'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl attach" confirm-within' -l 'confirm-within' -d 'Let everything pass after this time, unless it is confirmed.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl attach" force' -l 'force' -d 'Do it even if that cuts off an SSH session, a gateway or a name server.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl attach"' -l 'guard' -d 'Refuse also what would cut off this host: an SSH client, or SOURCE:PORT/PROTO.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl attach" dry-run' -l 'dry-run' -d 'Only say what would change.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl attach" timeout' -l 'timeout' -d 'How long to wait for another aegisctl that is changing the same datapath.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl attach" o output' -l 'output' -s 'o' -d 'How to print.' -rfka 'table wide json yaml name'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl attach" q quiet' -l 'quiet' -s 'q' -d 'Print nothing unless something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl attach" pin-root' -l 'pin-root' -d 'Where the datapath is pinned (default: $AEGIS_PIN_ROOT, else /sys/fs/bpf/aegis).' -rfa '(__aegisctl_complete_directories)'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl attach" v verbose' -l 'verbose' -s 'v' -d 'Say more when something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl attach" version' -l 'version' -d 'Show the version.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl attach" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl detach" -ge 1' -fka '(__aegisctl_custom_completion ---completion detach -- positional@0 (count (__aegisctl_tokens -pc)) (__aegisctl_tokens -tC))'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl detach" all' -l 'all' -d 'All that are attached, in whatever network namespace.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl detach" dry-run' -l 'dry-run' -d 'Only say what would change.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl detach" timeout' -l 'timeout' -d 'How long to wait for another aegisctl that is changing the same datapath.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl detach" o output' -l 'output' -s 'o' -d 'How to print.' -rfka 'table wide json yaml name'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl detach" q quiet' -l 'quiet' -s 'q' -d 'Print nothing unless something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl detach" pin-root' -l 'pin-root' -d 'Where the datapath is pinned (default: $AEGIS_PIN_ROOT, else /sys/fs/bpf/aegis).' -rfa '(__aegisctl_complete_directories)'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl detach" v verbose' -l 'verbose' -s 'v' -d 'Say more when something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl detach" version' -l 'version' -d 'Show the version.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl detach" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl unload" force' -l 'force' -d 'Detach interfaces first; also remove pins of another version.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl unload" dry-run' -l 'dry-run' -d 'Only say what would change.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl unload" timeout' -l 'timeout' -d 'How long to wait for another aegisctl that is changing the same datapath.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl unload" o output' -l 'output' -s 'o' -d 'How to print.' -rfka 'table wide json yaml name'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl unload" q quiet' -l 'quiet' -s 'q' -d 'Print nothing unless something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl unload" pin-root' -l 'pin-root' -d 'Where the datapath is pinned (default: $AEGIS_PIN_ROOT, else /sys/fs/bpf/aegis).' -rfa '(__aegisctl_complete_directories)'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl unload" v verbose' -l 'verbose' -s 'v' -d 'Say more when something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl unload" version' -l 'version' -d 'Show the version.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl unload" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl tune" -eq 1' -fka '(__aegisctl_custom_completion ---completion tune -- positional@0 (count (__aegisctl_tokens -pc)) (__aegisctl_tokens -tC))'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl tune" cpu' -l 'cpu' -d 'CPUs to pin to, such as 2, 2,3 or 2-5.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl tune" dry-run' -l 'dry-run' -d 'Only say what would change.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl tune" o output' -l 'output' -s 'o' -d 'How to print.' -rfka 'table wide json yaml name'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl tune" q quiet' -l 'quiet' -s 'q' -d 'Print nothing unless something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl tune" version' -l 'version' -d 'Show the version.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl tune" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl demo" pin-root' -l 'pin-root' -d 'Where the datapath is pinned (default: $AEGIS_PIN_ROOT, else /sys/fs/bpf/aegis).' -rfa '(__aegisctl_complete_directories)'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl demo" v verbose' -l 'verbose' -s 'v' -d 'Say more when something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl demo" version' -l 'version' -d 'Show the version.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl demo" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl set-default" -eq 1' -fka 'allow deny'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-default" force' -l 'force' -d 'Do it even if that cuts off an SSH session, a gateway or a name server.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-default"' -l 'guard' -d 'Refuse also what would cut off this host: an SSH client, or SOURCE:PORT/PROTO.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-default" dry-run' -l 'dry-run' -d 'Only say what would change.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-default" timeout' -l 'timeout' -d 'How long to wait for another aegisctl that is changing the same datapath.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-default" o output' -l 'output' -s 'o' -d 'How to print.' -rfka 'table wide json yaml name'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-default" q quiet' -l 'quiet' -s 'q' -d 'Print nothing unless something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-default" pin-root' -l 'pin-root' -d 'Where the datapath is pinned (default: $AEGIS_PIN_ROOT, else /sys/fs/bpf/aegis).' -rfa '(__aegisctl_complete_directories)'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-default" v verbose' -l 'verbose' -s 'v' -d 'Say more when something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-default" version' -l 'version' -d 'Show the version.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-default" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-rate" burst' -l 'burst' -d 'Packets, or bytes, that may come at once.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-rate" port' -l 'port' -d 'Only for packets to a port: 53/udp.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-rate" from' -l 'from' -d 'Only for sources in a prefix.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-rate" total' -l 'total' -d 'For all that the rule matches together, not each source.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-rate" algorithm' -l 'algorithm' -d 'How the rate is kept.' -rfka 'token-bucket fixed-window per-cpu'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-rate" source-prefix' -l 'source-prefix' -d 'How many leading bits of IPv4 and IPv6 addresses tell sources apart (default: 32,64).' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-rate" monitor' -l 'monitor' -d 'Only count what is over it as what would be dropped.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-rate" reset' -l 'reset' -d 'Forget at once what sources have used up.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-rate" force' -l 'force' -d 'Do it even if that cuts off an SSH session, a gateway or a name server.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-rate"' -l 'guard' -d 'Refuse also what would cut off this host: an SSH client, or SOURCE:PORT/PROTO.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-rate" dry-run' -l 'dry-run' -d 'Only say what would change.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-rate" timeout' -l 'timeout' -d 'How long to wait for another aegisctl that is changing the same datapath.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-rate" o output' -l 'output' -s 'o' -d 'How to print.' -rfka 'table wide json yaml name'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-rate" q quiet' -l 'quiet' -s 'q' -d 'Print nothing unless something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-rate" pin-root' -l 'pin-root' -d 'Where the datapath is pinned (default: $AEGIS_PIN_ROOT, else /sys/fs/bpf/aegis).' -rfa '(__aegisctl_complete_directories)'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-rate" v verbose' -l 'verbose' -s 'v' -d 'Say more when something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-rate" version' -l 'version' -d 'Show the version.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-rate" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl allow-key" -ge 1' -fka '(__aegisctl_custom_completion ---completion allow-key -- positional@0 (count (__aegisctl_tokens -pc)) (__aegisctl_tokens -tC))'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl allow-key" protect' -l 'protect' -d 'Never drop and never limit what they let in.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl allow-key" rate' -l 'rate' -d 'What each source that the key lets in may send, instead of the rates of set-rate; or \'off\'.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl allow-key" burst' -l 'burst' -d 'With --rate: what may come at once.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl allow-key" ttl' -l 'ttl' -d 'How long they hold, such as 90s, 10m, 1h30m or 7d (default: for good).' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl allow-key" until' -l 'until' -d 'When they end instead, such as 2026-12-01T08:00:00Z or with an offset like +02:00.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl allow-key" note' -l 'note' -d 'A text of up to 63 bytes to remember.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl allow-key" remove' -l 'remove' -d 'Take them away instead.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl allow-key" f file' -l 'file' -s 'f' -d 'Read a list, one a line, or of ipset, nft or dump; - reads standard input.' -rF
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl allow-key" strict' -l 'strict' -d 'With --file: change nothing if anything in the list is wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl allow-key" force' -l 'force' -d 'Do it even if that cuts off an SSH session, a gateway or a name server.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl allow-key"' -l 'guard' -d 'Refuse also what would cut off this host: an SSH client, or SOURCE:PORT/PROTO.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl allow-key" dry-run' -l 'dry-run' -d 'Only say what would change.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl allow-key" timeout' -l 'timeout' -d 'How long to wait for another aegisctl that is changing the same datapath.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl allow-key" o output' -l 'output' -s 'o' -d 'How to print.' -rfka 'table wide json yaml name'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl allow-key" q quiet' -l 'quiet' -s 'q' -d 'Print nothing unless something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl allow-key" pin-root' -l 'pin-root' -d 'Where the datapath is pinned (default: $AEGIS_PIN_ROOT, else /sys/fs/bpf/aegis).' -rfa '(__aegisctl_complete_directories)'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl allow-key" v verbose' -l 'verbose' -s 'v' -d 'Say more when something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl allow-key" version' -l 'version' -d 'Show the version.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl allow-key" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl drop-ip" -ge 1' -fka '(__aegisctl_custom_completion ---completion drop-ip -- positional@0 (count (__aegisctl_tokens -pc)) (__aegisctl_tokens -tC))'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl drop-ip" extend' -l 'extend' -d 'Let no entry that is there end earlier than it would.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl drop-ip" replace-all' -l 'replace-all' -d 'Remove all other entries, after these have been added.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl drop-ip" monitor' -l 'monitor' -d 'Only count the packets as what would be dropped.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl drop-ip" ttl' -l 'ttl' -d 'How long they hold, such as 90s, 10m, 1h30m or 7d (default: for good).' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl drop-ip" until' -l 'until' -d 'When they end instead, such as 2026-12-01T08:00:00Z or with an offset like +02:00.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl drop-ip" note' -l 'note' -d 'A text of up to 63 bytes to remember.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl drop-ip" remove' -l 'remove' -d 'Take them away instead.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl drop-ip" f file' -l 'file' -s 'f' -d 'Read a list, one a line, or of ipset, nft or dump; - reads standard input.' -rF
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl drop-ip" strict' -l 'strict' -d 'With --file: change nothing if anything in the list is wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl drop-ip" force' -l 'force' -d 'Do it even if that cuts off an SSH session, a gateway or a name server.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl drop-ip"' -l 'guard' -d 'Refuse also what would cut off this host: an SSH client, or SOURCE:PORT/PROTO.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl drop-ip" dry-run' -l 'dry-run' -d 'Only say what would change.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl drop-ip" timeout' -l 'timeout' -d 'How long to wait for another aegisctl that is changing the same datapath.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl drop-ip" o output' -l 'output' -s 'o' -d 'How to print.' -rfka 'table wide json yaml name'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl drop-ip" q quiet' -l 'quiet' -s 'q' -d 'Print nothing unless something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl drop-ip" pin-root' -l 'pin-root' -d 'Where the datapath is pinned (default: $AEGIS_PIN_ROOT, else /sys/fs/bpf/aegis).' -rfa '(__aegisctl_complete_directories)'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl drop-ip" v verbose' -l 'verbose' -s 'v' -d 'Say more when something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl drop-ip" version' -l 'version' -d 'Show the version.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl drop-ip" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl set-mode" -eq 1' -fka 'enforce monitor'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-mode" force' -l 'force' -d 'Do it even if that cuts off an SSH session, a gateway or a name server.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-mode"' -l 'guard' -d 'Refuse also what would cut off this host: an SSH client, or SOURCE:PORT/PROTO.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-mode" dry-run' -l 'dry-run' -d 'Only say what would change.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-mode" timeout' -l 'timeout' -d 'How long to wait for another aegisctl that is changing the same datapath.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-mode" o output' -l 'output' -s 'o' -d 'How to print.' -rfka 'table wide json yaml name'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-mode" q quiet' -l 'quiet' -s 'q' -d 'Print nothing unless something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-mode" pin-root' -l 'pin-root' -d 'Where the datapath is pinned (default: $AEGIS_PIN_ROOT, else /sys/fs/bpf/aegis).' -rfa '(__aegisctl_complete_directories)'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-mode" v verbose' -l 'verbose' -s 'v' -d 'Say more when something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-mode" version' -l 'version' -d 'Show the version.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl set-mode" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl apply"' -l 'file' -s 'f' -d 'The policy: a file, a directory of .yaml, .yml and .json files, or - for standard input; more than one are read as one.' -rF
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl apply" prune' -l 'prune' -d 'Remove what a list that is declared does not have.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl apply" schema' -l 'schema' -d 'Print the JSON Schema of a policy instead.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl apply" confirm-within' -l 'confirm-within' -d 'Let everything pass after this time, unless it is confirmed.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl apply" force' -l 'force' -d 'Do it even if that cuts off an SSH session, a gateway or a name server.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl apply"' -l 'guard' -d 'Refuse also what would cut off this host: an SSH client, or SOURCE:PORT/PROTO.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl apply" dry-run' -l 'dry-run' -d 'Only say what would change.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl apply" timeout' -l 'timeout' -d 'How long to wait for another aegisctl that is changing the same datapath.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl apply" o output' -l 'output' -s 'o' -d 'How to print.' -rfka 'table wide json yaml name'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl apply" q quiet' -l 'quiet' -s 'q' -d 'Print nothing unless something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl apply" pin-root' -l 'pin-root' -d 'Where the datapath is pinned (default: $AEGIS_PIN_ROOT, else /sys/fs/bpf/aegis).' -rfa '(__aegisctl_complete_directories)'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl apply" v verbose' -l 'verbose' -s 'v' -d 'Say more when something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl apply" version' -l 'version' -d 'Show the version.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl apply" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl diff"' -l 'file' -s 'f' -d 'The policy: a file, a directory of .yaml, .yml and .json files, or - for standard input; more than one are read as one.' -rF
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl diff" prune' -l 'prune' -d 'Remove what a list that is declared does not have.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl diff" o output' -l 'output' -s 'o' -d 'How to print.' -rfka 'table wide json yaml name'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl diff" q quiet' -l 'quiet' -s 'q' -d 'Print nothing unless something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl diff" pin-root' -l 'pin-root' -d 'Where the datapath is pinned (default: $AEGIS_PIN_ROOT, else /sys/fs/bpf/aegis).' -rfa '(__aegisctl_complete_directories)'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl diff" v verbose' -l 'verbose' -s 'v' -d 'Say more when something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl diff" version' -l 'version' -d 'Show the version.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl diff" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl confirm" force' -l 'force' -d 'Do it even if that cuts off an SSH session, a gateway or a name server.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl confirm"' -l 'guard' -d 'Refuse also what would cut off this host: an SSH client, or SOURCE:PORT/PROTO.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl confirm" dry-run' -l 'dry-run' -d 'Only say what would change.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl confirm" timeout' -l 'timeout' -d 'How long to wait for another aegisctl that is changing the same datapath.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl confirm" o output' -l 'output' -s 'o' -d 'How to print.' -rfka 'table wide json yaml name'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl confirm" q quiet' -l 'quiet' -s 'q' -d 'Print nothing unless something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl confirm" pin-root' -l 'pin-root' -d 'Where the datapath is pinned (default: $AEGIS_PIN_ROOT, else /sys/fs/bpf/aegis).' -rfa '(__aegisctl_complete_directories)'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl confirm" v verbose' -l 'verbose' -s 'v' -d 'Say more when something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl confirm" version' -l 'version' -d 'Show the version.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl confirm" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl rollback" force' -l 'force' -d 'Do it even if that cuts off an SSH session, a gateway or a name server.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl rollback"' -l 'guard' -d 'Refuse also what would cut off this host: an SSH client, or SOURCE:PORT/PROTO.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl rollback" dry-run' -l 'dry-run' -d 'Only say what would change.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl rollback" timeout' -l 'timeout' -d 'How long to wait for another aegisctl that is changing the same datapath.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl rollback" o output' -l 'output' -s 'o' -d 'How to print.' -rfka 'table wide json yaml name'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl rollback" q quiet' -l 'quiet' -s 'q' -d 'Print nothing unless something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl rollback" pin-root' -l 'pin-root' -d 'Where the datapath is pinned (default: $AEGIS_PIN_ROOT, else /sys/fs/bpf/aegis).' -rfa '(__aegisctl_complete_directories)'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl rollback" v verbose' -l 'verbose' -s 'v' -d 'Say more when something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl rollback" version' -l 'version' -d 'Show the version.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl rollback" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl status" o output' -l 'output' -s 'o' -d 'How to print.' -rfka 'table wide json yaml name'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl status" q quiet' -l 'quiet' -s 'q' -d 'Print nothing unless something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl status" pin-root' -l 'pin-root' -d 'Where the datapath is pinned (default: $AEGIS_PIN_ROOT, else /sys/fs/bpf/aegis).' -rfa '(__aegisctl_complete_directories)'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl status" v verbose' -l 'verbose' -s 'v' -d 'Say more when something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl status" version' -l 'version' -d 'Show the version.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl status" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl stats" -ge 1' -fka '(__aegisctl_custom_completion ---completion stats -- positional@0 (count (__aegisctl_tokens -pc)) (__aegisctl_tokens -tC))'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl stats" w watch' -l 'watch' -s 'w' -d 'Go on: redraw on a terminal, a line of JSON for each look elsewhere.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl stats" interval' -l 'interval' -d 'Look twice, or again and again, so long apart.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl stats" count' -l 'count' -d 'With --watch: end after so many looks.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl stats" since-boot' -l 'since-boot' -d 'Show averages a second since this host booted.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl stats" top' -l 'top' -d 'Add so many of the busiest sources, rules and reasons.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl stats"' -l 'fail-if' -d 'Exit 2 if this holds, as monitoring plugins do.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl stats"' -l 'warn-if' -d 'Exit 1 if this holds.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl stats" suggest-rate' -l 'suggest-rate' -d 'Propose a rate from what sources send meanwhile.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl stats" o output' -l 'output' -s 'o' -d 'How to print.' -rfka 'table wide json yaml name prometheus'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl stats" textfile' -l 'textfile' -d 'With -o prometheus: replace this file, for node_exporter to read.' -rfa '(for p in (string match -e -- \'*/\' (commandline -t);or printf \n)*.\'prom\';printf %s\n $p;end;__fish_complete_directories (commandline -t) \'\')'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl stats" q quiet' -l 'quiet' -s 'q' -d 'Print nothing unless something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl stats" pin-root' -l 'pin-root' -d 'Where the datapath is pinned (default: $AEGIS_PIN_ROOT, else /sys/fs/bpf/aegis).' -rfa '(__aegisctl_complete_directories)'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl stats" v verbose' -l 'verbose' -s 'v' -d 'Say more when something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl stats" version' -l 'version' -d 'Show the version.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl stats" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl dump" -eq 1' -fka 'drops keys rates offenders links all'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl dump" top' -l 'top' -d 'Only so many offenders, the worst first.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl dump" expiring' -l 'expiring' -d 'Only entries that end within this time.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl dump" o output' -l 'output' -s 'o' -d 'How to print.' -rfka 'table wide json yaml name'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl dump" q quiet' -l 'quiet' -s 'q' -d 'Print nothing unless something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl dump" pin-root' -l 'pin-root' -d 'Where the datapath is pinned (default: $AEGIS_PIN_ROOT, else /sys/fs/bpf/aegis).' -rfa '(__aegisctl_complete_directories)'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl dump" v verbose' -l 'verbose' -s 'v' -d 'Say more when something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl dump" version' -l 'version' -d 'Show the version.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl dump" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl metrics" inetd' -l 'inetd' -d 'Answer one HTTP request on standard input and output.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl metrics" timeout' -l 'timeout' -d 'With --inetd: how long a client has in all.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl metrics" pin-root' -l 'pin-root' -d 'Where the datapath is pinned (default: $AEGIS_PIN_ROOT, else /sys/fs/bpf/aegis).' -rfa '(__aegisctl_complete_directories)'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl metrics" v verbose' -l 'verbose' -s 'v' -d 'Say more when something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl metrics" version' -l 'version' -d 'Show the version.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl metrics" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_positional "aegisctl doctor" -ge 1' -fka '(__aegisctl_custom_completion ---completion doctor -- positional@0 (count (__aegisctl_tokens -pc)) (__aegisctl_tokens -tC))'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl doctor" o output' -l 'output' -s 'o' -d 'How to print.' -rfka 'table wide json yaml name'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl doctor" q quiet' -l 'quiet' -s 'q' -d 'Print nothing unless something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl doctor" pin-root' -l 'pin-root' -d 'Where the datapath is pinned (default: $AEGIS_PIN_ROOT, else /sys/fs/bpf/aegis).' -rfa '(__aegisctl_complete_directories)'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl doctor" v verbose' -l 'verbose' -s 'v' -d 'Say more when something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl doctor" version' -l 'version' -d 'Show the version.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl doctor" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl repair" dry-run' -l 'dry-run' -d 'Only say what would change.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl repair" timeout' -l 'timeout' -d 'How long to wait for another aegisctl that is changing the same datapath.' -rfka ''
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl repair" o output' -l 'output' -s 'o' -d 'How to print.' -rfka 'table wide json yaml name'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl repair" q quiet' -l 'quiet' -s 'q' -d 'Print nothing unless something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl repair" pin-root' -l 'pin-root' -d 'Where the datapath is pinned (default: $AEGIS_PIN_ROOT, else /sys/fs/bpf/aegis).' -rfa '(__aegisctl_complete_directories)'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl repair" v verbose' -l 'verbose' -s 'v' -d 'Say more when something goes wrong.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl repair" version' -l 'version' -d 'Show the version.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl repair" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'aegisctl' -n '__aegisctl_should_offer_completions_for_flags_or_options "aegisctl help" version' -l 'version' -d 'Show the version.'
