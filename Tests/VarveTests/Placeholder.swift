import Testing

@testable import Varve
