import Testing

@testable import VarveFiles
