namespace Oops.Config;

/// <summary>A config record with rules that span several keys. Called once after loading, only if every value of its section (the server, the route, the source it belongs to) has its right type.</summary>
internal interface IValidate
{
    /// <summary>Adds every finding; <paramref name="path"/> is the record's own path, so that a key's is <c>$"{path}.key"</c>.</summary>
    void Validate(ConfigErrors errors, string path);
}
