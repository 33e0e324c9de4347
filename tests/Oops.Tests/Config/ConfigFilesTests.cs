using Oops.Config;
using Xunit;

namespace Oops.Tests.Config;

public sealed class ConfigFilesTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("oops-config-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_main_file_and_conf_d_are_read_in_name_order()
    {
        var main = Write("oops.yaml", "items: [{name: main}]");
        Write("conf.d/20.yaml", "items: [{name: twenty}]");
        Write("conf.d/10.yaml", "items: [{name: ten}]");
        Write("conf.d/.hidden.yaml", "nonsense: 1");
        Write("conf.d/README", "nonsense: 1");
        Write("conf.d/30.yml", "nonsense: 1");

        var loaded = ConfigLoader.Load(main, TestJson.Default.EveryType);

        Assert.Equal(["main", "ten", "twenty"], loaded.Config!.Items.Select(i => i.Name));
        Assert.Equal([$"{folder}/conf.d/30.yml:1:1: warning: this file is not read; rename it to end in .yaml"], loaded.Errors.Lines);
    }

    [Fact]
    public void Without_a_mode_it_is_said_what_to_write_first() =>
        Assert.Contains("the key 'mode' is missing: write 'mode: observe' to begin with. ", Assert.Single(ConfigCheck.Load(Write("oops.yaml", "servers: { ns1: { kind: knot } }")).Errors.Lines, l => !l.Contains("warning:", StringComparison.Ordinal)), StringComparison.Ordinal);

    [Fact]
    public void What_cannot_be_read_is_said_with_its_path()
    {
        var missing = Path.Combine(folder, "none.yaml");
        Directory.CreateDirectory(Path.Combine(folder, "conf.d", "folder.yaml"));
        var big = Path.Combine(folder, "big.yaml");
        using (var stream = File.Create(big))
            stream.SetLength(ConfigFiles.MostBytes + 1);

        Assert.Equal([$"{missing}:1:1: the file cannot be read (no such file); check its path and permissions, or name another with --config FILE"], ConfigLoader.Load(missing, TestJson.Default.EveryType).Errors.Lines);
        Assert.Contains("the file has more than 8388608 bytes", Assert.Single(ConfigLoader.Load(big, TestJson.Default.EveryType).Errors.Lines), StringComparison.Ordinal);
        Assert.Contains("(it is a directory)", Assert.Single(ConfigLoader.Load(folder, TestJson.Default.EveryType).Errors.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_is_read_no_further_than_the_bound() =>
        Assert.Contains("the file has more than 8388608 bytes", Assert.Single(ConfigLoader.Load("/dev/zero", TestJson.Default.EveryType).Errors.Lines), StringComparison.Ordinal);

    string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }
}
