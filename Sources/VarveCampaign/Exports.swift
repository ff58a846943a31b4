@_exported import VarveStatistics
