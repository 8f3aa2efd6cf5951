import Testing

@testable import Aegis

/// The kernel tells on what index a link is, not in which network namespace.
@Suite("Links that are here")
struct LinkPlaceTests {
  private func here(_ links: LinkPlace...) -> [UInt32] {
    LinkPlace.here(links) { $0.ifindex == 5 && $0.program == 1 }.map(\.id).sorted()
  }

  private func link(
    _ id: UInt32, on ifindex: UInt32 = 5, program: UInt32 = 1, pin: UInt32 = 5, home: Bool
  ) -> LinkPlace {
    LinkPlace(id: id, program: program, ifindex: ifindex, pin: pin, isHome: home)
  }

  @Test("are those whose index runs their program here, wherever they were attached")
  func alone() {
    #expect(here(link(1, home: true)) == [1])
    #expect(here(link(1, home: false)) == [1])
    #expect(here(link(1, program: 2, home: true)).isEmpty)
    #expect(here(link(1, on: 6, home: true)).isEmpty)
  }

  @Test("of two with one index, the one that never moved")
  func homeWins() {
    #expect(here(link(1, home: true), link(2, pin: 9, home: true)) == [1])
    #expect(here(link(1, home: true), link(2, pin: 9, home: false)) == [1])
  }

  @Test("of two with one index elsewhere, the only one that did move")
  func movedHere() {
    #expect(here(link(1, home: false), link(2, pin: 9, home: true)) == [2])
    #expect(here(link(1, home: false), link(2, pin: 9, home: false)) == [2])
  }

  @Test("none, where two could be")
  func unknown() {
    #expect(here(link(1, pin: 8, home: false), link(2, pin: 9, home: false)).isEmpty)
  }
}
