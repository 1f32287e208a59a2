// Values that look like credentials, and many that only resemble them: an error that cries wolf
// would be ignored where it matters. No text here was ever a credential; each is made of parts.

import Documents
import FlagstaffCore
import Testing

@Suite("Credentials in values")
struct CredentialTests {
  private func isFound(_ value: String, key: String = "text") -> Bool {
    let quoted = value.replacing("'", with: "''")
    let text = """
      flags:
        page:
          variants: {old: {\(key): plain}, new: {\(key): '\(quoted)'}}
          off: old
          default: new
          environments: {production: {}}
      """
    return TestRepository(text).findings.map(\.code.rawValue) == ["FS2129"]
  }

  private static let letters = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0"

  @Test(
    "A value of a provider's own form is found",
    arguments: [
      "-----BEGIN RSA " + "PRIVATE KEY-----", "AKIA" + "ABCDEFGHIJKLMNOP", "ghp_" + letters,
      "key=" + "ghs_" + letters, "github_pat_" + letters + "_x", "glpat-" + letters,
      "xoxb-" + "123456789012-" + letters, "sk_live_" + letters, "rk_live_" + letters,
      "npm_" + letters, "eyJhbGciOiJI.eyJzdWIiOiIx." + letters,
      "postgres://app:" + "hunter22@db.example/app", "see https://me:" + "s3cret@host/",
      "redis://me:" + "p$ss%40w[rd@host", "redis://me:" + "$ecret1@host",
    ])
  func found(value: String) {
    #expect(isFound(value))
  }

  @Test(
    "What only resembles one passes",
    arguments: [
      "1b4e28ba-2fa1-11d2-883f-0016d3cca427", "d41d8cd98f00b204e9800998ecf8427e",
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
      "-----BEGIN CERTIFICATE-----", "AKIA is how a key begins", "XAKIA" + "ABCDEFGHIJKLMNOP",
      "AKIA" + "ABCDEFGHIJKLMNOPQ", "ghp_short", "pk_live_" + letters, "https://shop.example/@team",
      "postgres://app:<password>@db/app", "postgres://app:${PASSWORD}@db/app",
      "postgres://app:$PASSWORD@db", "postgres://app:{{password}}@db", "postgres://app:***@db",
      "postgres://app:[password]@db", "postgres://app:%(password)s@db",
      "mailto:someone@shop.example", "a.b.c", "1.2.3-beta.4+build.5",
      "eyJ alone begins many texts of base64", "sk_live_", "https://shop.example:8443/a@b",
    ])
  func passes(value: String) {
    #expect(!isFound(value))
  }

  @Test(
    "A random text is found by the name of its field",
    arguments: [
      ("password", true), ("dbPassword", true), ("client_secret", true), ("apiKey", true),
      ("api-key", true), ("accessToken", true), ("PRIVATE_KEY", true), ("key", false),
      ("cacheKey", false), ("tokenCount", false), ("secretary", false), ("title", false),
    ])
  func fieldNames(key: String, expected: Bool) {
    #expect(isFound("Zq8Lw2Vn5Xc7Rt1Y", key: key) == expected)
    #expect(!isFound("choose a good one", key: key))
    #expect(!isFound("1b4e28ba-2fa1-11d2-883f-0016d3cca427", key: key))
  }

  /// Whether a short value is warned about, by the name of its field.
  private func isWarnedOf(_ value: String, key: String) -> Bool {
    let text = """
      flags:
        page:
          variants: {old: {}, new: {\(key): \(value)}}
          off: old
          default: new
          environments: {production: {}}
      """
    return TestRepository(text).findings.map(\.code.rawValue) == ["FS2133"]
  }

  @Test(
    "A short secret is warned about by the name of its field",
    arguments: [
      ("password", "hunter2"), ("password", "letmein"), ("dbPassword", "s3cret"), ("pwd", "12345"),
      ("client_secret", "Tr0ub4dor&3"), ("apiKey", "abc123"), ("API-KEY", "abc123"),
      ("authToken", "a12345"), ("aws_secret_access_key", "foobar"), ("passphrase", "'to&the&sea'"),
    ])
  func shortSecret(key: String, value: String) {
    #expect(isWarnedOf(value, key: key))
  }

  @Test(
    "A setting, a label and a stand-in are no secrets",
    arguments: [
      ("passwordPolicy", "strict"), ("tokenLimit", "5"), ("password", "true"), ("secret", "false"),
      ("password", "required"), ("password", "Passwort"), ("password", "'Your password'"),
      ("password", "password"), ("token", "primary"), ("token", "blue-500"), ("token", "'3'"),
      ("apiKey", "<key>"), ("apiKey", "$API_KEY"), ("secret", "'****'"), ("password", "abc"),
      ("tokens", "a12345"), ("key", "abc123"), ("secretName", "abc123"), ("secret", "vault/abc1"),
    ])
  func noSecret(key: String, value: String) {
    #expect(!isWarnedOf(value, key: key))
  }
}
