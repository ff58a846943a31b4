@_exported import VarveFormat
