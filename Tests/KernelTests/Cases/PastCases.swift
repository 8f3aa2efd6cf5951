import Aegis
import CAegis

@testable import TestModel

/// Frames that reached a socket, or the memory for reassembly, although the policy was meant to keep them out.
enum PastCases {
  static let all: [FrameCase] = [
    FrameCase(
      "three tags of VLAN 0, listed", Frame(hex: "1e35f99d57cf" + tagged),
      .allow.drop("10.77.0.13"), .drop, AEGIS_DROP_HOST),
    FrameCase(
      "three tags of VLAN 0 to a reserved group, deny", Frame(hex: "0180c2000000" + tagged), .deny,
      .drop, AEGIS_DROP_DEFAULT),
    FrameCase(
      "fragmentation needed, a first fragment, deny", Frame(hex: fragmentationNeeded), .deny, .drop,
      AEGIS_DROP_DEFAULT),
    FrameCase(
      "packet too big, a first fragment, deny", Frame(hex: packetTooBig), .deny, .drop,
      AEGIS_DROP_DEFAULT),
  ]

  private static let tagged = """
    bab4d06a71fb8100000081000000810000000800\
    4500002100010000401166230a4d000d0a4d000203e8270f000db15f7461677333
    """
  private static let fragmentationNeeded = """
    1e35f99d57cfbab4d06a71fb08004500003c0001200040012637c63364070a4d0002\
    03040000000005140000000000000000000000000000000000000000000000000000000000000000
    """
  private static let packetTooBig = """
    1e35f99d57cfbab4d06a71fb86dd6000000000302c4020010db8000000000000000000000007\
    fd7700000000000000000000000000023a0000010000000102000000000005140000000000000000\
    00000000000000000000000000000000000000000000000000000000
    """
}
