// Which path is whose, and which patterns ignore it. Tables, since every line is a rule of the
// design that somebody will rely on.

import FlagstaffCore
import Testing

@Suite("The layout of a repository")
struct LayoutTests {
  @Test(
    "A path has the role of its folder",
    arguments: [
      ("flagstaff.yaml", FileRole.workspace), ("governance/a/b.yaml", .governance),
      ("shared/a.yaml", .shared), ("shared/a/b/c.yaml", .shared),
      ("customers/acme/a.yaml", .customer("acme")),
      ("customers/acme/shared/a.yaml", .customer("acme")),
      // Marks that make one character with the sign before them.
      ("customers/acme/\u{301}a.yaml", .customer("acme")), ("shared/\u{FE0F}.yaml", .shared),
    ])
  func roles(path: String, role: FileRole) {
    #expect(Layout.role(of: path, hasCustomers: true) == .success(role))
  }

  @Test("Without customers/, definitions/ is the customer default")
  func defaultCustomer() {
    #expect(
      Layout.role(of: "definitions/a.yaml", hasCustomers: false) == .success(.customer("default")))
    #expect(
      Layout.role(of: "definitions/a.yaml", hasCustomers: true) == .failure(.twoLayouts))
  }

  @Test(
    "A path that has no role says why",
    arguments: [
      ("customers/acme/a.yml", Layout.Stray.ending), ("customers/acme/a.YAML", .ending),
      ("customers/acme/.yaml", .ending), ("customers/a.yaml", .noCustomer),
      ("customers/-a/a.yaml", .badCustomer), ("elsewhere/a.yaml", .elsewhere),
      ("a.yaml", .elsewhere),
    ])
  func strays(path: String, reason: Layout.Stray) {
    #expect(Layout.role(of: path, hasCustomers: true) == .failure(reason))
  }

  @Test(
    "An ignore pattern takes a whole path: * stays within a folder, ** crosses folders",
    arguments: [
      ("customers/*/helm/**", "customers/a/helm/b/c.yaml", true),
      ("customers/*/helm/**", "customers/a/b/helm/c.yaml", false),
      ("customers/*/helm/**", "customers/a/helm", true), ("**", "a/b/c.yaml", true),
      ("**/a.yaml", "a.yaml", true), ("**/a.yaml", "b/c/a.yaml", true),
      ("**/a.yaml", "b/ba.yaml", false), ("a/*.yaml", "a/b.yaml", true),
      ("a/*.yaml", "a/b/c.yaml", false), ("a/*-*.yml", "a/b-c-d.yml", true),
      ("a/b", "a/b/c.yaml", false), ("a/**/d", "a/b/c/d", true), ("a/**/d", "a/d", true),
      ("a/*", "a/", true), ("*", "a/b", false), ("a*b", "ab", true), ("a?b", "axb", false),
      ("a/**/b/**/c", "a/x/b/y/b/z/c", true), ("*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
    ])
  func patterns(pattern: String, path: String, matches: Bool) {
    #expect(IgnorePattern(pattern).matches(path) == matches)
  }
}
