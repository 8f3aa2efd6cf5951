@_exported public import Linux
