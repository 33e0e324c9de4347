Console.Error.WriteLine("oops: no command");
return 2;
